#include "engine/processor.hpp"

#include <weir/pipeline/engine/capture.hpp>

namespace weir::pipeline::engine {

processor::processor(
    std::string name, std::string thread_name, std::size_t lane, control& shared, const parts& p)
    : worker(std::move(name), std::move(thread_name), shared, p.stages)
    , parts_(p)
    , lane_(lane)
    , messages_(p.stages.make_run(p.queue.max_chunk()))
    , failed_(p.stages)
    , settler_(shared, p.accounts, lane)
    , routed_(p.batchers.size())
    , owed_credit_(p.sources.size(), 0) {}

void processor::run() noexcept {
    while (auto chunk = parts_.queue.pop())
        take_up(std::move(chunk));
}

bool processor::try_work() noexcept {
    auto chunk = parts_.queue.try_pop();
    if (chunk == nullptr) return false;
    take_up(std::move(chunk));
    return true;
}

void processor::take_up(std::unique_ptr<raw_run> chunk) noexcept {
    const auto source = chunk->source();
    const auto count = chunk->size();
    on_credit_ = 0;
    hand().begin(*chunk);
    if (shared().aborted.load())
        abandon("stopped before it was handled");
    else
        work(*chunk);
    hand().end();
    parts_.sources[source]->recycle(std::move(chunk));
    parts_.accounts.passed(lane_, count);
    give_credit(source, count - on_credit_);
}

void processor::work(raw_run& chunk) {
    try {
        if (calls().prepare(chunk, *messages_, rejected_)) calls().handle(*messages_, 0, messages_->size());
        if (!parts_.batchers.empty()) route();
        failed_.collect(*messages_, calls());
        if (hand().claim()) settle_and_forward(chunk);
    } catch (...) {
        // Out of memory, or a defect of ours: what is in hand has no verdict.
        static_cast<void>(capture_exception("the engine"));
        abandon("an error inside the pipeline");
    }
    for (auto& r : routed_)
        r.clear();
    failed_.clear();
    rejected_.clear();
    messages_->clear();
}

void processor::route() {
    const auto heads = messages_->heads();
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (heads[i].failure != nullptr) continue;
        if (const auto batcher = parts_.routes.route(heads[i])) {
            routed_[*batcher].push_back(static_cast<std::uint32_t>(i));
        } else {
            heads[i].failure =
                std::make_unique<failure_info>(failure_info{.text = parts_.routes.unknown(heads[i])});
            log_failure("handle_message", "failed: " + heads[i].failure->text);
        }
    }
}

void processor::settle_and_forward(const raw_run& chunk) {
    settle_failed_and_final(chunk);
    if (!parts_.batchers.empty()) forward(chunk.source());
}

/// One walk through the chunk in its order. Messages that could not be decoded have left gaps.
void processor::settle_failed_and_final(const raw_run& chunk) {
    const bool final_stage = parts_.batchers.empty();
    if (!final_stage && failed_.empty() && rejected_.empty()) return;
    const auto heads = messages_->heads();
    std::size_t rejections = 0;
    std::size_t failures = 0;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
        if (rejections < rejected_.size() && rejected_[rejections].index == i) {
            settler_.add(hand().owed()[i], outcome::failed, rejected_[rejections++].failure.text);
            continue;
        }
        // By what the message says of itself, not by its place: a callback may have reordered them.
        const auto place = i - rejections;
        const obligation owed{heads[place].ack, heads[place].windowed};
        if (failed_.is(failures, place))
            settler_.add(owed, outcome::failed, failed_.reason(failures++));
        else if (final_stage)
            settler_.add(owed, outcome::successful);
    }
    settler_.flush();
}

void processor::forward(std::size_t source) {
    const auto now = parts_.time.now();
    for (std::size_t b = 0; b < routed_.size(); ++b) {
        if (routed_[b].empty()) continue;
        switch (parts_.batchers[b]->add(*messages_, routed_[b], source, now)) {
        case batcher_stage::admission::taken: break;
        case batcher_stage::admission::taken_on_credit: on_credit_ += routed_[b].size(); break;
        case batcher_stage::admission::refused: abandon_routed(routed_[b]); break;
        }
    }
    parts_.starving.check(source);
}

void processor::abandon_routed(std::span<const std::uint32_t> places) {
    const auto heads = messages_->heads();
    for (const auto i : places)
        settler_.add({heads[i].ack, heads[i].windowed}, outcome::abandoned, "stopped before it was batched");
    settler_.flush();
}

void processor::abandon(std::string_view reason) {
    if (!hand().claim()) return;
    settler_.add_all(hand().owed(), outcome::abandoned, reason);
    settler_.flush();
}

/// Credit goes back only in steps, so that a producer is not asked for single messages; each processor keeps
/// back less than a step, so demand never dries up.
void processor::give_credit(std::size_t source, std::size_t count) noexcept {
    auto& owed = owed_credit_[source];
    owed += count;
    if (owed < parts_.credit_step) return;
    parts_.sources[source]->give_credit(owed);
    owed = 0;
}

} // namespace weir::pipeline::engine
