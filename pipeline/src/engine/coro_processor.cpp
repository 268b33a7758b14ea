#include "engine/coro_processor.hpp"

#include "engine/agenda.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <utility>

namespace weir::pipeline::engine {
namespace {

constexpr auto stopped = "stopped before it was handled";

chunk_work::parts for_single_messages(chunk_work::parts p) {
    p.max_chunk = 1;
    return p;
}

} // namespace

coro_processor::coro_processor(
    std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
    const processor::parts& p, std::size_t in_flight)
    : coro_worker(std::move(name), std::move(thread_name), shared, p.work.stages, p.work.time, in_flight)
    , parts_(p)
    , seat_(index, &mail())
    , intake_(p.work, shared, lane)
    , credit_(p.work.sources, p.credit_step)
    , slots_(*this, [w = for_single_messages(p.work), &shared, lane] {
        return std::make_unique<chunk_work>(w, shared, lane);
    }) {}

void coro_processor::dismiss() noexcept {
    parts_.queue.dismiss(seat_);
    wake();
}

/// Not at the end of a pipeline: its sources have got their last demand.
void coro_processor::leave() noexcept {
    if (seat_.leaving.load()) credit_.give_all();
}

bool coro_processor::revoke(std::vector<obligation>& into) {
    const bool preparing = intake_.hand().revoke(into);
    return slots_.revoke(into) || preparing;
}

void coro_processor::settle_now(head_list heads) {
    if (intake_.hand().busy()) intake_.settle_now(heads);
    slots_.for_each_busy([&](chunk_work& w) { w.settle_now(heads); });
}

void coro_processor::rename(const ack_ref& which, std::uint64_t token) {
    if (intake_.hand().busy()) intake_.hand().rename(which, token);
    slots_.for_each_busy([&](chunk_work& w) { w.hand().rename(which, token); });
}

bool coro_processor::take() noexcept {
    if (!room()) return false;
    if (waiting_.empty()) {
        auto chunk = parts_.queue.try_pop(seat_);
        if (chunk == nullptr) return false;
        take_up(std::move(chunk));
    }
    while (!waiting_.empty() && room())
        begin_next();
    return true;
}

void coro_processor::take_up(std::unique_ptr<raw_run> chunk) noexcept {
    intake_.begin(std::move(chunk));
    if (shared().aborted.load())
        intake_.abandon(stopped);
    else if (intake_.prepare(calls()))
        scatter();
    else
        intake_.finish(calls());
    through(intake_.end());
}

void coro_processor::scatter() {
    const auto before = waiting_.size();
    scattered_.clear();
    try {
        for (std::size_t i = 0; i < intake_.messages().size(); ++i) {
            auto& s = slots_.take();
            waiting_.push_back(&s);
            scattered_.push_back(s.work.get());
        }
    } catch (...) {
        static_cast<void>(capture_defect(shared()));
        intake_.abandon("an error inside the pipeline");
    }
    if (intake_.scatter(scattered_)) return;
    for (; waiting_.size() > before; waiting_.pop_back())
        slots_.give_back(*waiting_.back());
}

void coro_processor::begin_next() noexcept {
    auto& s = *waiting_.front();
    waiting_.pop_front();
    if (shared().aborted.load()) {
        s.work->abandon(stopped);
        return end(s);
    }
    try {
        begin(s, [&] { return s.work->handling(calls()); });
    } catch (...) {
        static_cast<void>(capture_defect(shared()));
        s.work->abandon("an error inside the pipeline");
        end(s);
    }
    finish_ended();
}

void coro_processor::finish(coro_slot& ended, bool broken) noexcept {
    auto& s = static_cast<slot&>(ended);
    if (broken) s.work->abandon("an error inside the pipeline");
    s.work->handled();
    s.work->finish(calls());
    end(s);
}

void coro_processor::through(const chunk_work::leaving& left) noexcept {
    parts_.queue.done(left.lane);
    credit_.add(left);
}

void coro_processor::end(slot& s) noexcept {
    through(s.work->end());
    slots_.give_back(s);
}

bool coro_processor::expire(time_point began_by, std::vector<obligation>& into) {
    const bool preparing = intake_.hand().expire(began_by, into);
    return slots_.expire(began_by, into) || preparing;
}

std::optional<time_point> coro_processor::began() const {
    return agenda::earlier(intake_.hand().began(), slots_.began());
}

bool coro_processor::hangs() const {
    return intake_.hand().has_expired() || slots_.hangs();
}

void coro_processor::drop_overdue() noexcept {
    slots_.for_each([this](slot& s) {
        if (s.work->hand().has_expired() && drop(s)) end(s);
    });
}

void coro_processor::drop_all() noexcept {
    slots_.for_each([this](slot& s) {
        if (!drop(s)) return;
        s.work->abandon("its handler had not returned when the pipeline stopped");
        end(s);
    });
}

bool coro_processor::enlist(std::optional<time_point>&) {
    return parts_.queue.enlist(seat_);
}

void coro_processor::delist() noexcept {
    parts_.queue.delist(seat_);
}

} // namespace weir::pipeline::engine
