#include "engine/coro_worker.hpp"

#include "engine/agenda.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <utility>

namespace weir::pipeline::engine {
namespace {

/// How often a coroutine, on average, may wait again after the stop deadline before it is destroyed: enough
/// for any way out, and an end for one that has none.
constexpr std::size_t last_waits = 100;

/// The user's exceptions do not come that far.
bool threw(task<void>& ended, control& shared) noexcept {
    try {
        ended.take();
        return false;
    } catch (...) {
        static_cast<void>(capture_defect(shared));
        return true;
    }
}

} // namespace

void coro_slot::task_ended() noexcept {
    next_ended_ = std::exchange(owner_.first_ended_, this);
}

coro_worker::coro_worker(
    std::string name, std::string thread_name, control& shared, stage_ops& stages, const time_source& time,
    std::size_t in_flight)
    : worker(std::move(name), std::move(thread_name), shared, stages)
    , host_(time)
    , in_flight_(in_flight) {}

void coro_worker::run() noexcept {
    while (!shared().closed.load()) {
        const bool last = dismissed(); // looked at first: what it was given before is taken up still
        if (try_work()) continue;
        if (last && !busy()) break;
        sleep();
    }
    static_cast<void>(wind_up());
}

bool coro_worker::try_work() noexcept {
    if (shared().closed.load()) return wind_up();
    if (shared().aborted.load()) cancel();
    if (overdue_.load() && overdue_.exchange(false)) drop_overdue();
    // In turns, so that neither new work nor what is under way waits for the other.
    resume_first_ = !resume_first_;
    return resume_first_ ? resume() || take() : take() || resume();
}

bool coro_worker::resume() noexcept {
    if (last_waits_) {
        if (*last_waits_ == 0) return false;
        --*last_waits_;
    }
    if (!host_.run_one()) return false;
    finish_ended();
    return true;
}

std::optional<time_point> coro_worker::due() const {
    if (last_waits_ && *last_waits_ == 0) return std::nullopt;
    return host_.due();
}

void coro_worker::finish_ended() noexcept {
    while (auto* const s = first_ended_) {
        first_ended_ = s->next_ended_;
        const bool broken = threw(s->run_, shared());
        static_cast<void>(drop(*s));
        finish(*s, broken);
    }
}

bool coro_worker::drop(coro_slot& s) noexcept {
    if (!s.begun_.load()) return false;
    s.run_ = {};
    s.begun_.store(false);
    --under_way_;
    return true;
}

void coro_worker::sleep() {
    const rest idle{*this};
    std::optional<time_point> until;
    if (!room() || dismissed()) return mail().wait(due());
    if (enlist(until)) mail().wait(agenda::earlier(due(), until));
    delist();
    resume_first_ = true; // next time the other way round: first what it may have been woken for
}

void coro_worker::cancel() noexcept {
    if (last_waits_) return;
    last_waits_ = last_waits * under_way_;
    host_.cancel();
}

/// Whether there was anything to do.
bool coro_worker::wind_up() noexcept {
    if (std::exchange(wound_up_, true)) return false;
    cancel();
    while (resume()) {
    }
    drop_all();
    while (take()) { // what nobody has seen to when the pipeline was abandoned
    }
    return true;
}

} // namespace weir::pipeline::engine
