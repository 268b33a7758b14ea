#include "engine/processor.hpp"

#include <utility>

namespace weir::pipeline::engine {

processor::processor(
    std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
    const parts& p)
    : worker(std::move(name), std::move(thread_name), shared, p.work.stages)
    , parts_(p)
    , seat_(index)
    , work_(p.work, shared, lane)
    , credit_(p.work.sources, p.credit_step) {}

void processor::run() noexcept {
    while (auto chunk = next())
        take_up(std::move(chunk));
}

/// Not at the end of a pipeline: its sources have got their last demand.
void processor::leave() noexcept {
    if (seat_.leaving.load()) credit_.give_all();
}

std::unique_ptr<raw_run> processor::next() {
    if (parts_.queue.has_work(seat_)) return parts_.queue.pop(seat_);
    const rest idle{*this};
    return parts_.queue.pop(seat_);
}

bool processor::try_work() noexcept {
    auto chunk = parts_.queue.try_pop(seat_);
    if (chunk == nullptr) return false;
    take_up(std::move(chunk));
    parts_.queue.done(std::exchange(seat_.finished, raw_run::no_lane));
    return true;
}

void processor::take_up(std::unique_ptr<raw_run> chunk) noexcept {
    work_.begin(std::move(chunk));
    if (shared().aborted.load())
        work_.abandon("stopped before it was handled");
    else
        work_.handle(calls());
    const auto left = work_.end();
    seat_.finished = left.lane;
    if (left.too_late) forget_stop();
    credit_.add(left);
}

} // namespace weir::pipeline::engine
