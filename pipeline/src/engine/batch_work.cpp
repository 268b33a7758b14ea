#include "engine/batch_work.hpp"

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/events/failures.hpp>

#include <chrono>
#include <utility>

namespace weir::pipeline::engine {

batch_work::batch_work(const parts& p, control& shared, std::size_t lane)
    : parts_(p)
    , shared_(shared)
    , lane_(lane)
    , failed_({p.stages, p.accounts, p.retries, p.dead_letter_as}, failure_stage::handle_batch, shared, lane)
    , settler_(shared, p.accounts, lane)
    , span_(shared) {
    settler_.count_for(p.meters);
}

void batch_work::begin(finished_batch batch) {
    batch_ = std::move(batch);
    hand_.begin(*batch_.messages);
    limit_time();
    parts_.accounts.count(lane_, ledger::entry::batches, 1);
    parts_.meters.batch_taken_up(batch_.messages->size());
    begun_ = parts_.time.now();
}

/// A callback begins.
void batch_work::limit_time() noexcept {
    if (parts_.batcher.options().time_limit.count() > 0) hand_.time_from(parts_.time.now());
}

void batch_work::handle(callbacks& calls) noexcept {
    contain([&] {
        open_span();
        handle_batch(calls);
    });
    finish(calls);
}

void batch_work::handle_batch(callbacks& calls) {
    const auto count = batch_.messages->size();
    if (!parts_.again.enabled() && !parts_.again.splits()) {
        auto info = span_.is_open() ? batch_.info : std::move(batch_.info);
        static_cast<void>(calls.handle_batch(std::move(info), *batch_.messages, 0, count));
        return;
    }
    if (calls.handle_batch(batch_.info, *batch_.messages, 0, count)) return;
    if (!ask_for_retry() && parts_.again.splits()) split(calls, 0, count);
}

bool batch_work::ask_for_retry() {
    const auto place = parts_.again.ask(batch_);
    using answer = batch_retries::answer;
    if (place.answer == answer::granted) pause_ = place.pause;
    if (place.answer == answer::full)
        parts_.accounts.count(lane_, ledger::entry::retries_refused, batch_.messages->size());
    return pause_.has_value();
}

/// Messages that failed together: finds out which of them fail by themselves.
void batch_work::split(callbacks& calls, std::size_t first, std::size_t count) {
    if (count < 2) return;
    const auto half = count / 2;
    handle_part(calls, first, half);
    handle_part(calls, first + half, count - half);
}

void batch_work::handle_part(callbacks& calls, std::size_t first, std::size_t count) {
    if (shared_.aborted.load() || hand_.has_expired()) return; // somebody else has settled it
    limit_time();
    start_over(first, count);
    auto info = batch_.info;
    info.size = count;
    if (!calls.handle_batch(std::move(info), *batch_.messages, first, count)) split(calls, first, count);
}

// No batch_info within a co_await expression: g++ 12 destroys an aggregate there twice.
task<void> batch_work::handling(callbacks& calls) {
    const auto count = batch_.messages->size();
    if (co_await calls.batch_task(batch_.info, *batch_.messages, 0, count)) co_return;
    if (ask_for_retry() || !parts_.again.splits()) co_return;
    co_await await_split(calls, 0, count);
}

task<void> batch_work::await_split(callbacks& calls, std::size_t first, std::size_t count) {
    if (count < 2) co_return;
    const auto half = count / 2;
    co_await await_part(calls, first, half);
    co_await await_part(calls, first + half, count - half);
}

task<void> batch_work::await_part(callbacks& calls, std::size_t first, std::size_t count) {
    if (shared_.aborted.load()) co_return; // nothing new is started
    start_over(first, count);
    auto info = batch_.info;
    info.size = count;
    if (co_await calls.batch_task(info, *batch_.messages, first, count)) co_return;
    co_await await_split(calls, first, count);
}

void batch_work::start_over(std::size_t first, std::size_t count) {
    const auto heads = batch_.messages->heads();
    for (auto i = first; i < first + count; ++i) {
        heads[i].failure.reset();
        ++heads[i].attempt;
    }
}

void batch_work::finish(callbacks& calls) noexcept {
    const auto now = parts_.time.now();
    if (parts_.batcher.wants_times()) parts_.batcher.measured(batch_.messages->size(), now - begun_);
    parts_.meters.handled(now - begun_);
    contain([&] {
        if (pause_) return put_away();
        settler_.reserve(batch_.messages->size()); // who has claimed must be able to settle
        failed_.collect(*batch_.messages, 0, batch_.messages->size(), calls);
        if (!hand_.claim()) return;
        settle();
        parts_.meters.settled_at(now, batch_.messages->heads()[0].accepted_at);
        close_span();
    });
    failed_.clear();
}

void batch_work::put_away() {
    close_span_badly({.kind = "cancelled", .reason = "to be tried again"});
    if (!hand_.claim()) return; // `end` gives the place back
    shared_.bus->emit<batch_retry>([&] {
        const auto& first = batch_.messages->heads()[0];
        return batch_retry{
            shared_.pipeline,
            batch_.info.batcher,
            batch_.messages->size(),
            batch_.failures + 1,
            std::chrono::duration_cast<std::chrono::milliseconds>(*pause_),
            first.failure != nullptr ? std::string_view{first.failure->text} : std::string_view{}};
    });
    parts_.accounts.count(lane_, ledger::entry::batch_retries, 1);
    start_over(0, batch_.messages->size());
    if (parts_.again.put(batch_, *std::exchange(pause_, std::nullopt))) return;
    settler_.add_all(hand_.owed(), outcome::abandoned, "stopped while its batch waited for another attempt");
    settler_.flush();
}

/// Out of memory, or a defect of ours: what is in hand has no verdict.
template <class Function>
void batch_work::contain(Function run) noexcept {
    try {
        run();
    } catch (...) {
        close_span_badly(failure_of(capture_defect(shared_)));
        abandon("an error inside the pipeline");
    }
}

bool batch_work::end() {
    close_span_badly({.kind = "cancelled", .reason = "stopped"});
    const bool too_late = hand_.end();
    if (pause_) parts_.again.leave(); // somebody else has settled it
    pause_.reset();
    if (batch_.messages != nullptr) parts_.batcher.done(std::move(batch_)); // else it is to come back
    return too_late;
}

/// By what the messages say of themselves, not by their place: a callback may have reordered them.
void batch_work::settle() {
    const auto heads = batch_.messages->heads();
    std::size_t failures = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (failed_.is(failures, i))
            static_cast<void>(failed_.conclude(failures++, settler_));
        else
            settler_.add(owed(heads[i]), outcome::successful);
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
