// A consumer that is meant to be killed: writes each number it is handed to a file, on disk before it is done
// with the message. A file named .db is an SQLite database, one named .parts has two lines a message, any
// other has one. Arguments: port, v4 or v5, QoS, file, who remembers a message (see `remember`), where to die
// by itself, how many messages it takes unacknowledged, and the client id of a member of a group, whose
// session ends soon after its connection.
#include <weir/mqtt/store/session_store.hpp>
#include <weir/sinks/make_sink.hpp>
#include <weir/weir.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace std::chrono_literals;
using weir::mqtt::stored_record;

/// Where the process is lost, or held up: "after_commit", "stuck_after_commit", several with commas. While it
/// is held up there is a file `<path>.stuck`; it goes on when there is one `<path>.go`.
class fate {
  public:
    fate(const std::string& points, std::string path)
        : points_(',' + points + ',')
        , path_(std::move(path)) {}

    void meets(const std::string& here) const {
        if (has(here)) ::kill(::getpid(), SIGKILL);
        if (has("stuck_" + here)) wait();
    }

  private:
    void wait() const {
        ::close(::open((path_ + ".stuck").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        while (::access((path_ + ".go").c_str(), F_OK) != 0)
            ::usleep(2'000);
    }

    [[nodiscard]] bool has(const std::string& point) const {
        return points_.find(',' + point + ',') != std::string::npos;
    }

    std::string points_;
    std::string path_;
};

void append(int file, const std::string& text) {
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fdatasync(file) != 0)
        throw std::runtime_error("cannot write");
}

struct diary {
    int file;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) const {
        std::string lines;
        for (const auto& m : b)
            lines.append(m.data.text()) += '\n';
        append(file, lines);
    }
};

/// What it does for a message is not one step.
struct diary_in_parts {
    int file;
    fate end;

    void handle_message(weir::message<weir::bytes>& m) const {
        append(file, std::string(m.data.text()) + " begun\n");
        end.meets("inside_the_sink");
        append(file, std::string(m.data.text()) + " done\n");
    }
};

/// While there is one, its thread meets its end when it is about to commit a transaction to an SQLite
/// database.
class commit_watch {
  public:
    /// Before any database is opened.
    static void prepare() {
        if (::sqlite3_auto_extension(reinterpret_cast<void (*)()>(&opened)) != SQLITE_OK)
            throw std::runtime_error("cannot watch databases");
    }

    explicit commit_watch(const fate& end) { end_ = &end; }

    commit_watch(const commit_watch&) = delete;
    commit_watch& operator=(const commit_watch&) = delete;

    ~commit_watch() { end_ = nullptr; }

  private:
    static int opened(sqlite3* db, const char**, const sqlite3_api_routines*) {
        ::sqlite3_commit_hook(db, &commits, nullptr);
        return SQLITE_OK;
    }

    static int commits(void*) {
        if (end_ != nullptr) end_->meets("inside_the_transaction");
        return 0;
    }

    inline static thread_local const fate* end_{nullptr};
};

/// A database, and the points at which the process is lost.
class mortal_sink final : public weir::connector::receipts, public weir::connector::delivery_tokens {
  public:
    mortal_sink(const std::string& path, bool keeps_tokens, fate end)
        : sink_(weir::sinks::make_sink(weir::sinks::sqlite_options{.path = path}))
        , tokens_(keeps_tokens ? sink_->keep_tokens() : nullptr)
        , end_(std::move(end)) {}

    void write(std::span<weir::sinks::message> messages) {
        end_.meets("before_commit");
        write_watched(messages);
        end_.meets("after_commit");
    }

    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override {
        sink_->receipts()->release(client_id, packet_ids);
        end_.meets("after_release");
    }

    void reset(std::string_view client_id) override {
        end_.meets("before_reset");
        sink_->receipts()->reset(client_id);
    }

    void release(std::string_view store, std::span<const std::uint64_t> numbers) override {
        end_.meets("before_release");
        tokens_->release(store, numbers);
        end_.meets("after_release");
    }

    void reset(std::string_view store, std::uint64_t first) override { tokens_->reset(store, first); }

  private:
    void write_watched(std::span<weir::sinks::message> messages) {
        const commit_watch watch{end_};
        sink_->write(messages);
    }

    std::unique_ptr<weir::sinks::sink> sink_;
    weir::connector::delivery_tokens* tokens_;
    fate end_;
};

struct database {
    std::shared_ptr<mortal_sink> sink;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) const { sink->write(b.messages()); }
};

/// A session store, and the points at which the process is lost: before and after each kind of record is on
/// the disk, or is gone from there.
class mortal_store final : public weir::mqtt::session_store {
  public:
    mortal_store(std::unique_ptr<weir::mqtt::session_store> store, fate end)
        : store_(std::move(store))
        , end_(std::move(end)) {}

    weir::result<weir::mqtt::store_content> open() override { return store_->open(); }

    weir::result<weir::mqtt::store_usage> write(std::span<const weir::mqtt::store_change> changes) override {
        meet("before_", changes);
        auto outcome = store_->write(changes);
        if (outcome) meet("after_", changes);
        return outcome;
    }

    void close() noexcept override { store_->close(); }

  private:
    void meet(const std::string& when, std::span<const weir::mqtt::store_change> changes) const {
        const auto any = [&](stored_record::kind what, bool erase) {
            return std::ranges::any_of(
                changes, [&](const auto& c) { return c.record.what == what && c.erase == erase; });
        };
        if (any(stored_record::kind::received, false)) end_.meets(when + "message_stored");
        if (any(stored_record::kind::received, true)) end_.meets(when + "message_done");
        if (any(stored_record::kind::received_id, false)) end_.meets(when + "id_stored");
        if (any(stored_record::kind::received_id, true)) end_.meets(when + "id_removed");
        if (any(stored_record::kind::session, false)) end_.meets(when + "session_noted");
    }

    std::unique_ptr<weir::mqtt::session_store> store_;
    fate end_;
};

weir::options options(std::uint16_t port, const std::string& version, int level, std::uint16_t window) {
    return {
        .name = "chaos",
        .producer =
            {.topics = {{"numbers/#", static_cast<weir::qos>(level)}},
             .max_inflight = window,
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

/// nobody; ids: the session store, of PUBREC; store: it takes messages over; tokens: it and the sink;
/// receipts: the sink.
void remember(weir::options& o, std::string_view who, const std::string& folder, const fate& end) {
    using weir::connector::qos2_mode;
    if (who == "receipts") o.producer.qos2 = qos2_mode::sink;
    if (who == "nobody" || who == "receipts") return;
    if (who != "ids") {
        o.producer.qos2 = qos2_mode::durable;
        o.producer.config.store.qos1 = true;
    }
    weir::mqtt::store_options where{.path = folder};
    o.producer.config.store_from = [where, end] {
        return std::make_unique<mortal_store>(weir::mqtt::make_sqlite_store(where), end);
    };
}

void join_group(weir::options& o, const std::string& client_id) {
    o.producer.shared_group = "g";
    o.producer.config.clientid = client_id;
    o.producer.config.session_expiry = 3;
}

int run_on_database(weir::options how, const std::string& path, std::string_view who, const fate& end) {
    commit_watch::prepare();
    const auto sink = std::make_shared<mortal_sink>(path, who == "tokens", end);
    if (who == "receipts") how.producer.receipts = sink;
    if (who == "tokens") how.producer.tokens = sink;
    auto running = weir::start(database{sink}, how);
    return weir::run_until_signal(running);
}

template <class Handler>
int run(Handler handler, weir::options how) {
    auto running = weir::start(std::move(handler), how);
    return weir::run_until_signal(running);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) return 2;
    const auto window = argc > 7 ? std::atoi(argv[7]) : 100;
    auto how = options(
        static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2], std::atoi(argv[3]),
        static_cast<std::uint16_t>(window));
    if (argc > 8) join_group(how, argv[8]);
    const std::string path = argv[4];
    const std::string_view who = argv[5];
    const fate end{argc > 6 ? argv[6] : "", path};
    remember(how, who, path + ".session", end);
    if (path.ends_with(".db")) return run_on_database(how, path, who, end);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return 3;
    if (!path.ends_with(".parts")) return run(diary{file}, how);
    how.batchers.clear();
    return run(diary_in_parts{file, end}, how);
}
