#include "engine/coro_batch_processor.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <memory>
#include <utility>

namespace weir::pipeline::engine {

coro_batch_processor::coro_batch_processor(
    std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
    const batch_processor::parts& p, std::size_t in_flight)
    : coro_worker(std::move(name), std::move(thread_name), shared, p.work.stages, p.work.time, in_flight)
    , parts_(p)
    , slots_(*this, [w = p.work, &shared, lane] { return std::make_unique<batch_work>(w, shared, lane); })
    , place_(index, &mail()) {}

void coro_batch_processor::dismiss() noexcept {
    parts_.work.batcher.dismiss(place_);
    dismissed_.store(true); // after that, what it was given is the last
    wake();
}

void coro_batch_processor::settle_now(head_list heads) {
    slots_.for_each_busy([&](batch_work& w) { w.settle_now(heads); });
}

void coro_batch_processor::rename(const ack_ref& which, std::uint64_t token) {
    slots_.for_each_busy([&](batch_work& w) { w.hand().rename(which, token); });
}

bool coro_batch_processor::take() noexcept {
    if (!room()) {
        parts_.work.batcher.expire();
        return false;
    }
    auto batch = parts_.work.batcher.try_take(place_);
    if (!batch) return false;
    take_up(std::move(*batch));
    return true;
}

void coro_batch_processor::take_up(finished_batch batch) noexcept {
    auto& s = slots_.take();
    s.work->begin(std::move(batch));
    if (shared().aborted.load()) {
        s.work->abandon("stopped before its batch was handled");
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

void coro_batch_processor::finish(coro_slot& ended, bool broken) noexcept {
    auto& s = static_cast<slot&>(ended);
    if (broken) s.work->abandon("an error inside the pipeline");
    s.work->finish(calls());
    end(s);
}

void coro_batch_processor::end(slot& s) noexcept {
    static_cast<void>(s.work->end());
    slots_.give_back(s);
    parts_.starving.check_all();
}

void coro_batch_processor::drop_overdue() noexcept {
    slots_.for_each([this](slot& s) {
        if (s.work->hand().has_expired() && drop(s)) end(s);
    });
}

void coro_batch_processor::drop_all() noexcept {
    slots_.for_each([this](slot& s) {
        if (!drop(s)) return;
        s.work->abandon("its handler had not returned when the pipeline stopped");
        end(s);
    });
}

bool coro_batch_processor::enlist(std::optional<time_point>& until) {
    return parts_.work.batcher.enlist(place_, until);
}

void coro_batch_processor::delist() noexcept {
    parts_.work.batcher.delist(place_);
}

} // namespace weir::pipeline::engine
