#include "session.hpp"

#include "consumer.hpp"

#include <memory>
#include <utility>

namespace weir::tool {

namespace {

using namespace std::chrono_literals;

/// How often a run looks at its counters, and so how late it may notice that a limit is reached.
constexpr auto tick = 20ms;

/// What workers get to return from a callback when a user has asked twice; then the process ends under them.
constexpr auto grace = 500ms;

} // namespace

run_session::run_session(const file_config& config, limits when, progress show)
    : outputs_(config)
    , limits_(when)
    , progress_(show)
    , metrics_(config.metrics_listen ? std::make_unique<metrics::server>(*config.metrics_listen) : nullptr)
    , running_(start_consumer(config, outputs_)) {
    if (metrics_) metrics_->add(running_.reader());
}

ending run_session::run() {
    while (may_go_on()) {
        if (wait_.wait(tick) == wait_point::wake::signal) break;
    }
    return drain();
}

bool run_session::may_go_on() {
    count();
    progress_.show(totals_);
    if (outputs_.any_is_closed() || running_.wait_for(0ms)) return false;
    if (limits_.messages && totals_.stats.succeeded >= *limits_.messages) return false;
    return !limits_.duration || totals_.elapsed < *limits_.duration;
}

ending run_session::drain() {
    running_.request_stop();
    while (!running_.wait_for(0ms)) {
        if (wait_.wait(tick) == wait_point::wake::signal) return cut_short();
        count();
        progress_.show(totals_);
    }
    return finish();
}

ending run_session::cut_short() {
    running_.request_stop(0ms);
    if (running_.wait_for(grace)) return finish();
    stragglers_ = true;
    count();
    progress_.finish();
    return {.drained = false, .reason = "a second signal ended the drain"};
}

ending run_session::finish() {
    const auto report = running_.wait();
    count();
    progress_.finish();
    if (report.has_error()) return {.drained = false, .reason = report.error().message()};
    if (outputs_.any_is_closed()) return {.drained = false, .reason = "a sink was closed"};
    stragglers_ = !report->running_callbacks.empty();
    return {.drained = report->drained, .reason = report->reason ? report->reason.message() : ""};
}

void run_session::count() {
    const auto now = clock::now();
    const auto before = totals_.stats.succeeded;
    totals_.stats = running_.stats();
    const auto inside = running_.snapshot();
    totals_.state = inside.state;
    totals_.in_flight = inside.in_flight;
    totals_.dead_letters = outputs_.dead_letters_written();
    totals_.elapsed = now - started_;
    // The clock of the rate starts one look before the first message, which is when it may have come.
    if (!first_message_ && totals_.stats.received == 0) return;
    if (!first_message_) first_message_ = now - tick;
    if (totals_.stats.succeeded != before) totals_.busy = now - *first_message_;
}

} // namespace weir::tool
