#include "testing/broker_socket.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::mqtt::testing {
namespace {

/// Far enough away for a wait that only the stop signal is to end.
constexpr std::chrono::hours no_limit{1};

} // namespace

struct scripted_broker::impl {
    impl(std::vector<conversation> list, pace p)
        : scripts(std::move(list))
        , together(p == pace::together) {}

    void serve();
    void converse(std::size_t index, descriptor accepted);
    void stay(broker_connection& connection);
    void note_step(const std::string& failure);

    std::vector<conversation> scripts;
    const bool together;
    loopback_listener listener;
    std::uint16_t port{listener.port};
    stop_signal stop;
    std::atomic<std::size_t> begun{0};

    std::mutex mutex;
    std::condition_variable changed;
    std::size_t played{0}; ///< conversations whose steps are all taken
    std::string failures{};
    std::thread thread;
};

void scripted_broker::impl::serve() {
    std::vector<std::thread> side_by_side;
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        auto accepted = accept_one(listener.fd.get(), clock::now() + no_limit, stop);
        if (!accepted) break;
        ++begun;
        if (i + 1 == scripts.size()) listener.fd.close();
        if (!together) {
            converse(i, std::move(*accepted));
            continue;
        }
        side_by_side.emplace_back(
            [this, i, fd = std::move(*accepted)]() mutable { converse(i, std::move(fd)); });
    }
    for (auto& t : side_by_side)
        t.join();
}

void scripted_broker::impl::converse(std::size_t index, descriptor accepted) {
    broker_connection connection{std::make_unique<broker_connection::socket>(std::move(accepted), stop)};
    const auto where = "connection " + std::to_string(index + 1) + ", ";
    try {
        scripts[index].play(connection);
        note_step("");
    } catch (const script_failure& e) {
        return note_step(where + e.what() + "\n");
    }
    try {
        if (connection.is_open()) stay(connection);
    } catch (const script_failure& e) {
        if (stop.is_set()) return;
        const std::lock_guard lock{mutex};
        failures += where + "after the last step: " + e.what() + "\n";
    }
}

void scripted_broker::impl::stay(broker_connection& connection) {
    while (const auto got = connection.next(clock::now() + no_limit)) {
        if (std::holds_alternative<pingreq>(got->packet)) {
            connection.send(pingresp{});
        } else if (!std::holds_alternative<disconnect>(got->packet)) {
            throw script_failure{"got " + got->describe()};
        }
    }
}

void scripted_broker::impl::note_step(const std::string& failure) {
    const std::lock_guard lock{mutex};
    ++played;
    failures += failure;
    changed.notify_all();
}

scripted_broker::scripted_broker(std::vector<conversation> connections, pace p)
    : impl_(std::make_unique<impl>(std::move(connections), p)) {
    impl_->thread = std::thread{[i = impl_.get()] { i->serve(); }};
}

scripted_broker::~scripted_broker() {
    impl_->stop.set();
    if (impl_->thread.joinable()) impl_->thread.join();
}

std::uint16_t scripted_broker::port() const noexcept {
    return impl_->port;
}

std::string scripted_broker::finish(std::chrono::milliseconds limit) {
    std::size_t played = 0;
    {
        std::unique_lock lock{impl_->mutex};
        impl_->changed.wait_for(lock, limit, [this] { return impl_->played == impl_->scripts.size(); });
        played = impl_->played;
    }
    impl_->stop.set();
    if (impl_->thread.joinable()) impl_->thread.join();
    const std::lock_guard lock{impl_->mutex};
    if (played < impl_->scripts.size())
        impl_->failures += "not done in time: " + std::to_string(played) + " of " +
                           std::to_string(impl_->scripts.size()) + " conversations\n";
    return impl_->failures;
}

std::size_t scripted_broker::connections() const noexcept {
    return impl_->begun;
}

bool scripted_broker::done() const noexcept {
    const std::lock_guard lock{impl_->mutex};
    return impl_->played == impl_->scripts.size();
}

} // namespace weir::mqtt::testing
