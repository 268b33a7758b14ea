#include "engine/chunk_work.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <utility>

namespace weir::pipeline::engine {

chunk_work::chunk_work(const parts& p, control& shared, std::size_t lane)
    : parts_(p)
    , lane_(lane)
    , messages_(p.stages.make_run(p.max_chunk))
    , failed_(
          {p.stages, p.accounts, p.retries, p.dead_letter_as}, failure_stage::handle_message, shared, lane)
    , settler_(shared, p.accounts, lane)
    , routed_(p.batchers.size()) {}

void chunk_work::begin(std::unique_ptr<raw_run> chunk) {
    chunk_ = std::move(chunk);
    on_credit_ = 0;
    retried_ = 0;
    if (chunk_->retries() > 0) parts_.retries.leave();
    hand_.begin(*chunk_);
}

void chunk_work::handle(callbacks& calls) noexcept {
    if (prepare(calls)) contain([&] { calls.handle(*messages_, 0, messages_->size()); });
    finish(calls);
}

bool chunk_work::prepare(callbacks& calls) noexcept {
    bool to_be_handled = false;
    contain([&] { to_be_handled = calls.prepare(*chunk_, *messages_, rejected_); });
    return to_be_handled;
}

void chunk_work::finish(callbacks& calls) noexcept {
    contain([&] {
        if (!parts_.batchers.empty()) route();
        failed_.collect(*chunk_, rejected_, calls);
        failed_.collect(*messages_, 0, messages_->size(), calls);
        if (hand_.claim()) settle_and_forward();
    });
    clear();
}

/// Out of memory, or a defect of ours: what is in hand has no verdict.
template <class Function>
void chunk_work::contain(Function run) noexcept {
    try {
        run();
    } catch (...) {
        static_cast<void>(capture_exception("the engine"));
        abandon("an error inside the pipeline");
    }
}

void chunk_work::clear() noexcept {
    for (auto& r : routed_)
        r.clear();
    failed_.clear();
    rejected_.clear();
    messages_->clear();
}

chunk_work::leaving chunk_work::end() {
    hand_.end();
    const auto source = chunk_->source();
    const auto count = chunk_->size();
    const bool from_source = chunk_->retries() == 0;
    if (from_source)
        parts_.sources[source]->recycle(std::move(chunk_));
    else
        chunk_.reset();
    parts_.accounts.passed(lane_, count - retried_);
    return {source, from_source ? count - on_credit_ : 0};
}

void chunk_work::route() {
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

void chunk_work::settle_and_forward() {
    settle_failed_and_final();
    if (!parts_.batchers.empty()) forward();
}

/// One walk through the chunk in its order. Messages that could not be decoded have left gaps.
void chunk_work::settle_failed_and_final() {
    const bool final_stage = parts_.batchers.empty();
    if (!final_stage && failed_.empty() && rejected_.empty()) return;
    const auto heads = messages_->heads();
    std::size_t rejections = 0;
    std::size_t failures = 0;
    for (std::size_t i = 0; i < chunk_->size(); ++i) {
        if (rejections < rejected_.size() && rejected_[rejections].index == i) {
            const auto& r = rejected_[rejections++];
            settler_.add(
                r.owed, r.result, r.result == outcome::successful ? std::string_view{} : r.failure.text);
            continue;
        }
        // By what the message says of itself, not by its place: a callback may have reordered them.
        const auto place = i - rejections;
        const obligation owed{heads[place].ack, heads[place].windowed};
        if (failed_.is(failures, place))
            retried_ += failed_.conclude(failures++, settler_) ? 1 : 0;
        else if (final_stage)
            settler_.add(owed, outcome::successful);
    }
    settler_.flush();
}

void chunk_work::forward() {
    const auto source = chunk_->source();
    const auto now = parts_.time.now();
    const bool on_credit = chunk_->retries() == 0;
    for (std::size_t b = 0; b < routed_.size(); ++b) {
        if (routed_[b].empty()) continue;
        switch (parts_.batchers[b]->add(*messages_, routed_[b], source, on_credit, now)) {
        case batcher_stage::admission::taken: break;
        case batcher_stage::admission::taken_on_credit: on_credit_ += routed_[b].size(); break;
        case batcher_stage::admission::refused: abandon_routed(routed_[b]); break;
        }
    }
    parts_.starving.check(source);
}

void chunk_work::abandon_routed(std::span<const std::uint32_t> places) {
    const auto heads = messages_->heads();
    for (const auto i : places)
        settler_.add({heads[i].ack, heads[i].windowed}, outcome::abandoned, "stopped before it was batched");
    settler_.flush();
}

void chunk_work::abandon(std::string_view reason) {
    if (!hand_.claim()) return;
    settler_.add_all(hand_.owed(), outcome::abandoned, reason);
    settler_.flush();
}

} // namespace weir::pipeline::engine
