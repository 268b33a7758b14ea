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

stop_report conductor::wait() {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return has_ended_; });
    return report_;
}

bool conductor::wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return ended_.wait_for(lock, limit, [this] { return has_ended_; });
}

void conductor::run() noexcept {
    set_thread_name("weir.conductor");
    auto course = await_request();
    enter(pipeline::state::draining);
    shared_.progress.watch();
    const auto before = pipeline_.settled();
    pipeline_.drain_sources();
    drain(course);
    finish(course, before);
}

terminator conductor::await_request() {
    for (;;) {
        {
            const std::scoped_lock lock{mutex_};
            if (deadline_) return {time_.now(), *deadline_};
        }
        shared_.progress.wait(std::nullopt);
    }
}

void conductor::adopt_deadline(terminator& course) {
    const std::scoped_lock lock{mutex_};
    course.hasten(*deadline_);
}

void conductor::drain(terminator& course) {
    for (;;) {
        adopt_deadline(course);
        switch (course.next(pipeline_.observe(), time_.now())) {
        case terminator::step::wait: shared_.progress.wait(course.give_up_at()); break;
        case terminator::step::flush: pipeline_.flush(); break;
        case terminator::step::close: {
            const std::scoped_lock lock{mutex_};
            report_.drained = true;
            return;
        }
        case terminator::step::abandon: {
            auto running = pipeline_.abandon();
            const auto until = time_.now() + grace;
            while (pipeline_.observe().in_flight > 0 && time_.now() < until)
                shared_.progress.wait(until);
            const std::scoped_lock lock{mutex_};
            report_.running_callbacks = std::move(running);
            return;
        }
        }
    }
}

void conductor::finish(const terminator& course, const tally& before) {
    pipeline_.close(course.deadline());
    const auto after = pipeline_.settled();
    bool failed = false;
    {
        const std::scoped_lock lock{mutex_};
        report_.successful = after.successful - before.successful;
        report_.failed = after.failed - before.failed;
        report_.abandoned = after.abandoned - before.abandoned;
        failed = static_cast<bool>(report_.reason);
        if (failed)
            log(log_level::error, "pipeline " + shared_.pipeline + " ended: " + report_.reason.message());
    }
    enter(failed ? pipeline::state::failed : pipeline::state::stopped);
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
