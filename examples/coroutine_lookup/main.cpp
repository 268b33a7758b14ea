// A handler that waits for somebody else's answer without keeping a thread: it is a coroutine, and each
// worker has many messages under way. The directory here is made up; any API that calls back will do.
#include <weir/weir.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <utility>

using namespace std::chrono_literals;

/// Knows whose badge it is. Answers later, on a thread of its own.
class directory {
  public:
    using answer = std::function<void(std::string owner)>;

    directory()
        : thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void look_up(std::string badge, answer then) {
        const std::scoped_lock lock{mutex_};
        questions_.emplace(std::move(badge), std::move(then));
        asked_.notify_one();
    }

  private:
    void run(const std::stop_token& stop) {
        std::unique_lock lock{mutex_};
        while (asked_.wait(lock, stop, [this] { return !questions_.empty(); })) {
            auto [badge, then] = std::move(questions_.front());
            questions_.pop();
            lock.unlock();
            then(badge == "0" ? std::string{} : "the owner of badge " + badge);
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any asked_;
    std::queue<std::pair<std::string, answer>> questions_;
    std::jthread thread_; // last: it uses the others
};

/// The bridge: what calls back completes a completion, and that can be awaited.
weir::completion<std::string> owner_of(directory& people, std::string badge) {
    weir::completion<std::string> owner;
    people.look_up(
        std::move(badge), [done = owner.completer()](std::string name) { done.complete(std::move(name)); });
    return owner;
}

struct doorman {
    std::shared_ptr<directory> people = std::make_shared<directory>();

    weir::task<void> handle_message(weir::message<weir::bytes>& m) {
        const weir::result<std::string> owner = co_await owner_of(*people, std::string{m.data.text()});
        if (!owner) co_return m.fail(owner.error().message());
        if (owner->empty()) co_return m.fail("a badge nobody has");
        co_await weir::this_worker::sleep_for(10ms); // others go on meanwhile
        std::printf("%s came in\n", owner->c_str());
        std::fflush(stdout);
    }
};

int main(int argc, char** argv) {
    weir::options options{
        .name = "doors",
        .producer =
            {.topics = {{"doors/+/badge", weir::qos::at_least_once}},
             .max_inflight = 1'000,
             .config = {.host = argc > 1 ? argv[1] : "localhost", .clientid = "doors"}},
        .processors = {.concurrency = 1, .in_flight = 500}};
    if (argc > 2) options.producer.config.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    auto running = weir::start(doorman{}, std::move(options));
    return weir::run_until_signal(running);
}
