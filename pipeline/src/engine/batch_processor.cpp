#include "engine/batch_processor.hpp"

namespace weir::pipeline::engine {

batch_processor::batch_processor(
    std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
    const parts& p)
    : worker(std::move(name), std::move(thread_name), shared, p.work.stages)
    , parts_(p)
    , work_(p.work, shared, lane)
    , place_(index) {}

void batch_processor::run() noexcept {
    while (auto batch = next())
        take_up(std::move(*batch));
}

std::optional<finished_batch> batch_processor::next() {
    if (auto batch = parts_.work.batcher.try_take(place_)) return batch;
    const rest idle{*this};
    return parts_.work.batcher.take(place_);
}

bool batch_processor::try_work() noexcept {
    auto batch = parts_.work.batcher.try_take(place_);
    if (!batch) return false;
    take_up(std::move(*batch));
    return true;
}

void batch_processor::take_up(finished_batch batch) noexcept {
    work_.begin(std::move(batch));
    if (shared().aborted.load())
        work_.abandon("stopped before its batch was handled");
    else
        work_.handle(calls());
    if (work_.end()) forget_stop();
    parts_.starving.check_all();
}

} // namespace weir::pipeline::engine
