// A consumer that is meant to be killed: writes each number it is handed to a file, on disk before the
// message is acknowledged, one line a message. A file named .db is an SQLite database; one named .once.db
// keeps receipts, so that each number of QoS 2 is to be in it once. Arguments: port, v4 or v5, QoS, file, and
// where to die by itself: before_commit, after_commit, before_reset, after_release.
#include <weir/sinks/make_sink.hpp>
#include <weir/weir.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;

struct diary {
    int file;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) const {
        std::string lines;
        for (const auto& m : b)
            lines.append(m.data.text()) += '\n';
        if (::write(file, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()) ||
            ::fdatasync(file) != 0)
            throw std::runtime_error("cannot write");
    }
};

/// A database, and the points at which the process is lost.
class mortal_sink final : public weir::connector::receipts {
  public:
    mortal_sink(const std::string& path, std::string point)
        : sink_(weir::sinks::make_sink(weir::sinks::sqlite_options{.path = path}))
        , point_(std::move(point)) {}

    void write(std::span<weir::sinks::message> messages) {
        die_at("before_commit");
        sink_->write(messages);
        die_at("after_commit");
    }

    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override {
        sink_->receipts()->release(client_id, packet_ids);
        die_at("after_release");
    }

    void reset(std::string_view client_id) override {
        die_at("before_reset");
        sink_->receipts()->reset(client_id);
    }

  private:
    void die_at(std::string_view here) const {
        if (here == point_) ::kill(::getpid(), SIGKILL);
    }

    std::unique_ptr<weir::sinks::sink> sink_;
    std::string point_;
};

struct database {
    std::shared_ptr<mortal_sink> sink;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) const { sink->write(b.messages()); }
};

weir::options options(std::uint16_t port, const std::string& version, int level) {
    return {
        .name = "chaos",
        .producer =
            {.topics = {{"numbers/#", static_cast<weir::qos>(level)}},
             .max_inflight = 100,
             .config =
                 {.host = "127.0.0.1",
                  .port = port,
                  .clientid = "chaos",
                  .proto_ver =
                      version == "v4" ? weir::mqtt::protocol_version::v4 : weir::mqtt::protocol_version::v5,
                  .backoff_min = 10ms,
                  .backoff_max = 50ms}},
        .processors = {.concurrency = 4},
        .batchers = {{.batch_size = 20, .batch_timeout = 5ms, .concurrency = 2}}};
}

} // namespace

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    auto how = options(port, argv[2], std::atoi(argv[3]));
    const std::string_view path = argv[4];
    if (path.ends_with(".db")) {
        const auto sink = std::make_shared<mortal_sink>(argv[4], argc > 5 ? argv[5] : "");
        if (path.ends_with(".once.db")) {
            how.producer.qos2 = weir::connector::qos2_mode::sink;
            how.producer.receipts = sink;
        }
        auto running = weir::start(database{sink}, how);
        return weir::run_until_signal(running);
    }
    const int file = ::open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return 3;
    auto running = weir::start(diary{file}, how);
    return weir::run_until_signal(running);
}
