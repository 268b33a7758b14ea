#include "conductor/conductor.hpp"

#include "common/stop_signal.hpp"

#include <fmt/format.h>

#include <csignal>
#include <thread>
#include <utility>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;
constexpr duration step_time = 20ms;
constexpr duration start_limit = 20s;
constexpr duration stop_limit = 45s; ///< more than the consumer's own limit for a drain

duration as_duration(double seconds) {
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
}

consumer_facts prepare_config(const demo_options& o, const workspace& folder, std::uint16_t port) {
    return write_consumer_config(
        o.config, folder.path("fleet.toml"),
        {.port = port,
         .database = folder.path("fleet.db"),
         .qos = o.qos,
         .version = o.version,
         .exactly_once = o.exactly_once});
}

} // namespace

conductor::conductor(demo_options options)
    : options_(std::move(options))
    , broker_(options_.mosquitto, folder_)
    , config_(prepare_config(options_, folder_, broker_.port()))
    , consumer_(options_.weir, folder_.path("fleet.toml"), folder_)
    , commits_(folder_.path("fleet.db"), config_.table)
    , database_(folder_.path("fleet.db"), config_.table) {
    if (options_.keep) folder_.keep();
}

bool conductor::run() {
    fmt::print(
        "{} vehicles at QoS {} -> Mosquitto on port {} -> weir run -> {}\n", options_.vehicles, options_.qos,
        broker_.port(), folder_.path("fleet.db"));
    if (options_.kill) fmt::print("killing the consumer on the way (seed {})\n", options_.seed);
    started_ = clock::now();
    start_consumer();
    start_fleet();
    publish_phase();
    end_fleet();
    wait_until_stored();
    stop_consumer();
    return report();
}

/// The fleet must not speak before somebody is subscribed: what a broker has no subscriber for, it drops.
void conductor::start_consumer() {
    consumer_.start();
    const auto deadline = clock::now() + start_limit;
    while (!broker_.has_subscriptions(config_.filters)) {
        if (clock::now() > deadline) throw demo_failure("the consumer has not subscribed after 20 s");
        step();
    }
}

void conductor::start_fleet() {
    fleet_.emplace(
        std::vector<std::string>{
            options_.simulator, "--port", std::to_string(broker_.port()), "--vehicles",
            std::to_string(options_.vehicles), "--qos", std::to_string(options_.qos), "--protocol-version",
            options_.version, "--progress", "0.1", "--ledger", folder_.path("ledger")},
        folder_.path("fleet-sim.log"));
    shown_ = started_ = clock::now();
    if (options_.kill) kills_ = kill_plan(started_, as_duration(options_.seconds), options_.seed);
}

void conductor::publish_phase() {
    const auto end = started_ + as_duration(options_.seconds);
    while (clock::now() < end && stop_signals() == 0) {
        if (!fleet_->is_running()) throw demo_failure("the fleet simulator ended by itself");
        if (kills_.is_due(clock::now())) kill_and_restart();
        step();
        show(false);
    }
    show(true);
    live_.finish();
    signals_when_draining_ = stop_signals();
}

/// The simulator waits for the confirmations that are still out, then closes its ledger.
void conductor::end_fleet() {
    fleet_->signal(SIGTERM);
    const auto deadline = clock::now() + stop_limit;
    while (fleet_->is_running()) {
        if (clock::now() > deadline) throw demo_failure("the fleet simulator does not end");
        step();
    }
    read_fleet();
    auto entries = read_ledger(folder_.path("ledger"));
    if (!entries) throw demo_failure(entries.error().message());
    for (const auto& entry : *entries)
        audit_.add_published(entry);
}

void conductor::wait_until_stored() {
    const auto deadline = clock::now() + as_duration(options_.drain_seconds);
    do {
        read_new_rows();
        step();
    } while (audit_.missing() > 0 && clock::now() < deadline);
}

void conductor::stop_consumer() {
    consumer_.request_stop();
    const auto deadline = clock::now() + stop_limit;
    while (consumer_.is_running() && clock::now() < deadline)
        step();
    if (!consumer_.wait(0ms)) throw demo_failure(consumer_.last_words());
    read_new_rows();
}

bool conductor::report() {
    const auto samples = commits_.finish();
    const auto result = audit_.result(samples);
    fmt::print(
        "{}", closing_table(
                  {.store = result,
                   .consumer = consumer_.totals(),
                   .kills = consumer_.kills(),
                   .killing = options_.kill}));
    if (result.unknown > 0) fmt::print("  {} rows are no message of the fleet\n", result.unknown);
    if (result.published == 0) fmt::print("  nothing was published\n");
    const bool repeated = options_.exactly_once && result.duplicates > 0;
    return result.published > 0 && result.lost == 0 && !repeated;
}

/// What every loop of the conductor does: wait a little, listen to everybody, notice when all should end.
void conductor::step() {
    std::this_thread::sleep_for(step_time);
    const int signals = stop_signals();
    const bool asked_while_draining = signals_when_draining_ >= 0 && signals > signals_when_draining_;
    const bool asked_before_start = !fleet_ && signals > 0;
    if (signals >= 2 || asked_while_draining || asked_before_start) throw interrupted{};
    if (!broker_.is_running()) throw demo_failure("the broker ended by itself");
    read_fleet();
    look_after_consumer();
}

void conductor::look_after_consumer() {
    consumer_.poll();
    const bool stopping = signals_when_draining_ >= 0;
    if (!consumer_.is_running() && !stopping) throw demo_failure(consumer_.last_words());
}

void conductor::kill_and_restart() {
    consumer_.kill();
    consumer_.start();
}

void conductor::read_fleet() {
    if (!fleet_) return;
    for (const auto& line : fleet_->read_lines())
        if (auto p = progress::parse(line); !p.empty()) fleet_counts_ = std::move(p);
}

void conductor::read_new_rows() {
    rows_read_ = database_.read_after(rows_read_, [this](std::int64_t row, std::string_view payload) {
        audit_.add_row(row, identity_of(payload));
    });
}

void conductor::show(bool even_if_just_shown) {
    const auto now = clock::now();
    if (now - shown_ < (even_if_just_shown ? 500ms : 1000ms)) return;
    shown_ = now;
    live_.show(now - started_, counts());
}

live_counts conductor::counts() const {
    const auto totals = consumer_.totals();
    return {
        .published = fleet_counts_["confirmed"],
        .stored = static_cast<std::uint64_t>(commits_.rows()),
        .acknowledged = totals["acked"],
        .failed = totals["failed"],
        .redelivered = totals["redelivered"],
        .kills = consumer_.kills()};
}

} // namespace weir::demo
