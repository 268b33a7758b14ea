#include "engine/conductor.hpp"

#include <weir/base/log.hpp>
#include <weir/base/thread_name.hpp>
#include <weir/pipeline/events.hpp>

#include <algorithm>

namespace weir::pipeline::engine {
namespace {

/// A worker may be in the middle of settling when time is up. It is quick about it, and the report is then
/// exact.
constexpr std::chrono::milliseconds grace{100};

/// Messages that were emitted too late, or that moved when their place was looked at.
void add_those_on_the_way(stop_report& r) {
    std::uint64_t known = 0;
    for (const auto& p : r.abandoned_at)
        known += p.count;
    if (known < r.abandoned) r.abandoned_at.push_back({"on the way", r.abandoned - known});
}

} // namespace

conductor::conductor(drainable& pipeline, control& shared, const time_source& time)
    : pipeline_(pipeline)
    , shared_(shared)
    , time_(time) {}

void conductor::start() {
    enter(pipeline::state::running);
    thread_ = std::thread{[this] { run(); }};
}

void conductor::join() {
    if (thread_.joinable()) thread_.join();
}

void conductor::request(std::chrono::milliseconds limit, const error& reason) {
    const auto deadline = time_.now() + std::max(limit, std::chrono::milliseconds{0});
    {
        const std::scoped_lock lock{mutex_};
        if (!deadline_) report_.reason = reason;
        deadline_ = deadline_ ? std::min(*deadline_, deadline) : deadline;
    }
    shared_.progress.raise();
}

void conductor::request_end() {
    {
        const std::scoped_lock lock{mutex_};
        if (!deadline_) deadline_ = time_point::max();
    }
    shared_.progress.raise();
}

error conductor::reason() const {
    const std::scoped_lock lock{mutex_};
    return report_.reason;
}

stop_report conductor::wait() {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return has_ended_; });
    return report_;
}

bool conductor::wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return ended_.wait_for(lock, limit, [this] { return has_ended_; });
}

bool conductor::has_ended() const {
    const std::scoped_lock lock{mutex_};
    return has_ended_;
}

void conductor::run() noexcept {
    set_thread_name("weir.conductor");
    while (phase_ != phase::ended)
        if (!step()) shared_.progress.wait(due());
}

bool conductor::step() {
    const auto now = time_.now();
    if (phase_ != phase::ended && agenda_.tick(now)) return true;
    switch (phase_) {
    case phase::running: return begin_drain(now);
    case phase::draining: return drain(now);
    case phase::abandoning: return await_settlers(now);
    case phase::ended: return false;
    }
    return false;
}

std::optional<time_point> conductor::due() const {
    switch (phase_) {
    case phase::running: return agenda_.due();
    case phase::draining: return agenda::earlier(agenda_.due(), course_->give_up_at());
    case phase::abandoning: return agenda::earlier(agenda_.due(), abandoned_until_);
    case phase::ended: return std::nullopt;
    }
    return std::nullopt;
}

bool conductor::begin_drain(time_point now) {
    {
        const std::scoped_lock lock{mutex_};
        if (!deadline_) return false;
        course_.emplace(now, *deadline_);
    }
    phase_ = phase::draining;
    enter(pipeline::state::draining);
    shared_.progress.watch();
    before_ = pipeline_.settled();
    pipeline_.drain_sources();
    return true;
}

bool conductor::drain(time_point now) {
    {
        const std::scoped_lock lock{mutex_};
        course_->hasten(*deadline_);
    }
    switch (course_->next(pipeline_.observe(), now)) {
    case terminator::step::wait: return false;
    case terminator::step::flush: pipeline_.flush(); return true;
    case terminator::step::close: finish(true); return true;
    case terminator::step::abandon: break;
    }
    auto left = pipeline_.abandon();
    abandoned_until_ = time_.now() + grace;
    phase_ = phase::abandoning;
    const std::scoped_lock lock{mutex_};
    report_.running_callbacks = std::move(left.running);
    report_.abandoned_at = std::move(left.places);
    return true;
}

bool conductor::await_settlers(time_point now) {
    if (pipeline_.observe().in_flight > 0 && now < abandoned_until_) return false;
    finish(false);
    return true;
}

void conductor::finish(bool drained) {
    pipeline_.close(course_->deadline());
    phase_ = phase::ended;
    const auto after = pipeline_.settled();
    bool failed = false;
    {
        const std::scoped_lock lock{mutex_};
        report_.drained = drained;
        report_.successful = after.successful - before_.successful;
        report_.failed = after.failed - before_.failed;
        report_.abandoned = after.abandoned - before_.abandoned;
        add_those_on_the_way(report_);
        failed = static_cast<bool>(report_.reason);
        if (failed)
            log(log_level::error, "pipeline " + shared_.pipeline + " ended: " + report_.reason.message());
    }
    enter(failed ? pipeline::state::failed : pipeline::state::stopped);
    shared_.bus->emit<pipeline_ended>([&] { return pipeline_ended{shared_.pipeline, report_}; });
    {
        const std::scoped_lock lock{mutex_};
        has_ended_ = true;
    }
    ended_.notify_all();
}

void conductor::enter(pipeline::state s) {
    state_.store(s);
    shared_.bus->emit<state_changed>([&] { return state_changed{shared_.pipeline, s}; });
}

} // namespace weir::pipeline::engine
