#include "engine/batch_processor.hpp"

#include <weir/pipeline/engine/capture.hpp>

namespace weir::pipeline::engine {

batch_processor::batch_processor(
    std::string name, std::string thread_name, std::size_t lane, control& shared, const parts& p)
    : worker(std::move(name), std::move(thread_name), shared, p.stages)
    , parts_(p)
    , lane_(lane)
    , failed_(p.stages)
    , settler_(shared, p.accounts, lane) {}

void batch_processor::run() noexcept {
    while (auto batch = parts_.batcher.take(place_))
        take_up(std::move(*batch));
}

bool batch_processor::try_work() noexcept {
    auto batch = parts_.batcher.try_take();
    if (!batch) return false;
    take_up(std::move(*batch));
    return true;
}

void batch_processor::take_up(finished_batch batch) noexcept {
    hand().begin(*batch.messages);
    parts_.accounts.count(lane_, ledger::entry::batches, 1);
    if (shared().aborted.load())
        abandon("stopped before its batch was handled");
    else
        work(batch);
    hand().end();
    parts_.batcher.recycle(std::move(batch.messages));
    parts_.starving.check_all();
}

void batch_processor::work(finished_batch& batch) {
    try {
        calls().handle_batch(std::move(batch.info), *batch.messages);
        failed_.collect(*batch.messages, calls());
        if (hand().claim()) settle(*batch.messages);
    } catch (...) {
        // Out of memory, or a defect of ours: what is in hand has no verdict.
        static_cast<void>(capture_exception("the engine"));
        abandon("an error inside the pipeline");
    }
    failed_.clear();
}

/// By what the messages say of themselves, not by their place: a callback may have reordered them.
void batch_processor::settle(message_run& messages) {
    const auto heads = messages.heads();
    std::size_t failures = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const obligation owed{heads[i].ack, heads[i].windowed};
        if (failed_.is(failures, i))
            settler_.add(owed, outcome::failed, failed_.reason(failures++));
        else
            settler_.add(owed, outcome::successful);
    }
    settler_.flush();
}

void batch_processor::abandon(std::string_view reason) {
    if (!hand().claim()) return;
    settler_.add_all(hand().owed(), outcome::abandoned, reason);
    settler_.flush();
}

} // namespace weir::pipeline::engine
