#include "engine/batch_work.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <utility>

namespace weir::pipeline::engine {

batch_work::batch_work(const parts& p, control& shared, std::size_t lane)
    : parts_(p)
    , lane_(lane)
    , failed_({p.stages, p.accounts, p.retries, p.dead_letter_as}, failure_stage::handle_batch, shared, lane)
    , settler_(shared, p.accounts, lane)
    , span_(shared) {
    settler_.count_for(p.meters);
}

void batch_work::begin(finished_batch batch) {
    batch_ = std::move(batch);
    hand_.begin(*batch_.messages);
    parts_.accounts.count(lane_, ledger::entry::batches, 1);
    parts_.meters.batch_taken_up(batch_.messages->size());
    begun_ = parts_.time.now();
}

void batch_work::handle(callbacks& calls) noexcept {
    contain([&] {
        open_span();
        auto info = span_.is_open() ? batch_.info : std::move(batch_.info);
        calls.handle_batch(std::move(info), *batch_.messages);
    });
    finish(calls);
}

void batch_work::finish(callbacks& calls) noexcept {
    const auto now = parts_.time.now();
    if (parts_.batcher.wants_times()) parts_.batcher.measured(batch_.messages->size(), now - begun_);
    parts_.meters.handled(now - begun_);
    contain([&] {
        failed_.collect(*batch_.messages, 0, batch_.messages->size(), calls);
        if (!hand_.claim()) return;
        settle();
        parts_.meters.settled_at(now, batch_.messages->heads()[0].accepted_at);
        close_span();
    });
    failed_.clear();
}

/// Out of memory, or a defect of ours: what is in hand has no verdict.
template <class Function>
void batch_work::contain(Function run) noexcept {
    try {
        run();
    } catch (...) {
        close_span_badly(failure_of(capture_exception("the engine")));
        abandon("an error inside the pipeline");
    }
}

void batch_work::end() {
    close_span_badly({.kind = "cancelled", .reason = "stopped"});
    hand_.end();
    parts_.batcher.done(std::move(batch_));
}

/// By what the messages say of themselves, not by their place: a callback may have reordered them.
void batch_work::settle() {
    const auto heads = batch_.messages->heads();
    std::size_t failures = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const obligation owed{heads[i].ack, heads[i].windowed};
        if (failed_.is(failures, i))
            static_cast<void>(failed_.conclude(failures++, settler_));
        else
            settler_.add(owed, outcome::successful);
    }
    settler_.flush();
}

void batch_work::settle_now(head_list heads) {
    settler_.settle_now(heads, hand_);
}

void batch_work::abandon(std::string_view reason) {
    if (!hand_.claim()) return;
    settler_.add_all(hand_.owed(), outcome::abandoned, reason);
    settler_.flush();
}

} // namespace weir::pipeline::engine
