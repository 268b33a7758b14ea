#include "engine/chunk_work.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <utility>

namespace weir::pipeline::engine {
namespace {

constexpr unsigned measure_every = 16; // slices, or messages of coroutines

} // namespace

chunk_work::chunk_work(const parts& p, control& shared, std::size_t lane)
    : parts_(p)
    , lane_(lane)
    , messages_(p.stages.make_run(p.max_chunk))
    , failed_(
          {p.stages, p.accounts, p.retries, p.dead_letter_as}, failure_stage::handle_message, shared, lane)
    , shared_(shared)
    , settler_(shared, p.accounts, lane)
    , span_(shared)
    , batcher_span_(shared)
    , message_spans_(shared, p.batchers.empty() ? nullptr : &p.routes)
    , routed_(p.batchers.size()) {
    settler_.count_for(p.meters);
}

void chunk_work::begin(std::unique_ptr<raw_run> chunk) {
    chunk_ = std::move(chunk);
    source_ = chunk_->source();
    count_ = chunk_->size();
    in_lane_ = chunk_->lane();
    from_source_ = chunk_->retries() == 0;
    on_credit_ = 0;
    retried_ = 0;
    concluded_ = 0;
    rejected_settled_ = 0;
    if (!from_source_) parts_.retries.leave();
    hand_.begin(*chunk_);
    limit_time();
}

/// Callbacks begin.
void chunk_work::limit_time() noexcept {
    if (parts_.limited) hand_.time_from(parts_.time.now());
}

void chunk_work::handle(callbacks& calls) noexcept {
    if (prepare(calls)) contain([&] { handle_in_slices(calls); });
    finish(calls);
}

bool chunk_work::prepare(callbacks& calls) noexcept {
    bool to_be_handled = false;
    contain([&] {
        open_span();
        calls.observe(message_spans_.if_listened_to());
        to_be_handled = calls.prepare(*chunk_, *messages_, rejected_);
        failed_.collect(*chunk_, rejected_, calls);
    });
    return to_be_handled;
}

bool chunk_work::scatter(std::span<chunk_work* const> to) noexcept {
    bool ours = false;
    contain([&] {
        std::vector<placement> steps;
        for (std::size_t i = 0; i < to.size(); ++i)
            steps.push_back({static_cast<std::uint32_t>(i), to[i]->messages_.get()});
        ours = hand_.claim();
        if (!ours) return;
        parts_.stages.move(*messages_, steps);
        for (auto* work : to)
            work->adopt(*this);
        count_ -= to.size();
        if (!to.empty()) in_lane_ = raw_run::no_lane; // through when they are
        settle_rejected(messages_->size());
        settler_.flush();
        close_span({}); // its messages go ways of their own
    });
    clear();
    return ours;
}

void chunk_work::adopt(const chunk_work& from) noexcept {
    source_ = from.source_;
    count_ = 1;
    in_lane_ = from.in_lane_;
    from_source_ = from.from_source_;
    on_credit_ = 0;
    retried_ = 0;
    concluded_ = 0;
    rejected_settled_ = 0;
    hand_.begin(*messages_);
}

task<void> chunk_work::handling(callbacks& calls) {
    limit_time();
    if (handled_++ % measure_every == 0) began_ = parts_.time.now();
    return calls.message_task(*messages_, 0, message_spans_.if_listened_to());
}

void chunk_work::handled() noexcept {
    if (!began_) return;
    const auto ended = parts_.time.now();
    parts_.meters.handled(ended - *std::exchange(began_, std::nullopt));
    if (parts_.batchers.empty()) parts_.meters.settled_at(ended, messages_->heads()[0].accepted_at);
}

/// What is done does not wait for the rest of its chunk when handling is slow.
void chunk_work::handle_in_slices(callbacks& calls) {
    while (concluded_ < messages_->size()) {
        const auto left = messages_->size() - concluded_;
        const slice next{concluded_, span_.is_open() ? left : slices_.of(left)};
        handle(calls, next);
        if (next.count == left || !conclude(next, calls)) return;
    }
}

void chunk_work::handle(callbacks& calls, slice s) {
    const bool for_slices = slices_.measures(s.count);
    if (!for_slices && handled_++ % measure_every != 0) return calls.handle(*messages_, s.first, s.count);
    const auto began = parts_.time.now();
    calls.handle(*messages_, s.first, s.count);
    const auto ended = parts_.time.now();
    if (for_slices) slices_.took(s.count, ended - began);
    parts_.meters.handled((ended - began) / static_cast<duration::rep>(s.count));
    if (parts_.batchers.empty()) parts_.meters.settled_at(ended, messages_->heads()[s.first].accepted_at);
}

/// False: somebody else has settled what was in hand.
bool chunk_work::conclude(slice s, callbacks& calls) {
    decide(s, calls);
    concluded_ += s.count;
    const bool ours = hand_.claim_all_but(owed_after(s));
    if (ours) settle_and_forward(s, calls);
    forget_slice();
    return ours;
}

const std::vector<obligation>& chunk_work::owed_after(slice s) {
    const auto heads = messages_->heads();
    const auto next = s.first + s.count;
    rest_.clear();
    for (auto i = next; i < heads.size(); ++i)
        rest_.push_back(owed(heads[i]));
    for (auto r = rejected_settled_; r < rejected_.size(); ++r)
        if (rejected_[r].index >= next + r) rest_.push_back(rejected_[r].owed);
    return rest_;
}

void chunk_work::finish(callbacks& calls) noexcept {
    contain([&] {
        const slice last{concluded_, messages_->size() - concluded_};
        decide(last, calls);
        if (hand_.claim()) settle_and_forward(last, calls);
    });
    clear();
}

/// All that needs memory comes before the claim: who has claimed must be able to settle.
void chunk_work::decide(slice s, callbacks& calls) {
    settler_.reserve(messages_->size() + rejected_.size());
    if (!parts_.batchers.empty()) {
        route(s);
        describe_routed(calls);
    }
    failed_.collect(*messages_, s.first, s.count, calls);
}

/// Out of memory, or a defect of ours: what is in hand has no verdict.
template <class Function>
void chunk_work::contain(Function run) noexcept {
    try {
        run();
    } catch (...) {
        close_span_badly(failure_of(capture_defect(shared_)));
        abandon("an error inside the pipeline");
    }
}

void chunk_work::clear() noexcept {
    forget_slice();
    rejected_.clear();
    messages_->clear();
}

void chunk_work::forget_slice() noexcept {
    for (auto& r : routed_) {
        r.which.clear();
        r.bytes.clear();
        r.partitions.clear();
    }
    unsplit_.clear();
    failed_.clear();
}

chunk_work::leaving chunk_work::end() {
    const bool too_late = hand_.end();
    cut_spans_off(too_late ? "timeout" : "stopped");
    began_.reset();
    if (messages_->size() > 0) clear(); // abandoned
    if (chunk_ != nullptr && from_source_)
        parts_.sources[source_]->recycle(std::move(chunk_));
    else
        chunk_.reset();
    if (!too_late) parts_.accounts.passed(lane_, count_ - retried_); // else they have been counted
    return {source_, from_source_ ? count_ - on_credit_ : 0, in_lane_, too_late};
}

void chunk_work::route(slice s) {
    const auto heads = messages_->heads();
    for (std::size_t i = s.first; i < s.first + s.count; ++i) {
        if (heads[i].failure != nullptr) continue;
        if (const auto batcher = parts_.routes.route(heads[i])) {
            routed_[*batcher].which.push_back(static_cast<std::uint32_t>(i));
        } else {
            heads[i].failure =
                std::make_unique<failure_info>(failure_info{.text = parts_.routes.unknown(heads[i])});
            log_failure("handle_message", "failed: " + heads[i].failure->text);
        }
    }
}

/// What batchers ask of messages beyond their heads is found out here, outside of their locks.
void chunk_work::describe_routed(callbacks& calls) {
    for (std::size_t b = 0; b < routed_.size(); ++b) {
        const auto& asked = parts_.batchers[b]->options();
        if (asked.partitioned || asked.max_bytes > 0) describe(asked, routed_[b], calls);
    }
}

void chunk_work::describe(const batcher_options& asked, routed& r, callbacks& calls) {
    if (asked.partitioned) {
        values_.clear();
        calls.partition(*messages_, r.which, values_);
        for (const auto v : values_)
            r.partitions.push_back(static_cast<std::uint32_t>(
                static_cast<std::uint64_t>(v) % static_cast<std::uint64_t>(asked.concurrency)));
    }
    if (asked.max_bytes > 0) calls.measure(*messages_, r.which, r.bytes);
    drop_failed(r);
}

void chunk_work::drop_failed(routed& r) {
    const auto heads = messages_->heads();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < r.which.size(); ++i) {
        if (heads[r.which[i]].failure != nullptr) continue;
        r.which[kept] = r.which[i];
        if (!r.bytes.empty()) r.bytes[kept] = r.bytes[i];
        if (!r.partitions.empty()) r.partitions[kept] = r.partitions[i];
        ++kept;
    }
    r.which.resize(kept);
    if (!r.bytes.empty()) r.bytes.resize(kept);
    if (!r.partitions.empty()) r.partitions.resize(kept);
}

void chunk_work::settle_and_forward(slice s, callbacks& calls) {
    settle_failed_and_final(s);
    close_span(s);
    if (!parts_.batchers.empty()) forward(calls);
}

/// One walk through the slice in its order. Messages that could not be decoded have left gaps.
void chunk_work::settle_failed_and_final(slice s) {
    const bool final_stage = parts_.batchers.empty();
    if (!final_stage && failed_.empty() && rejected_.empty()) return;
    const auto heads = messages_->heads();
    std::size_t failures = 0;
    for (std::size_t i = s.first; i < s.first + s.count; ++i) {
        settle_rejected(i);
        // By what the message says of itself, not by its place: a callback may have reordered them.
        if (failed_.is(failures, i))
            retried_ += failed_.conclude(failures++, settler_, in_lane_) ? 1 : 0;
        else if (final_stage)
            settler_.add(owed(heads[i]), outcome::successful);
    }
    if (s.first + s.count == heads.size()) settle_rejected(heads.size());
    settler_.flush();
}

/// Those that came before the message at that place.
void chunk_work::settle_rejected(std::size_t place) {
    for (; rejected_settled_ < rejected_.size(); ++rejected_settled_) {
        const auto& r = rejected_[rejected_settled_];
        if (r.index > place + rejected_settled_) return;
        settler_.add(r.owed, r.result, r.failure.text);
    }
}

void chunk_work::forward(callbacks& calls) {
    const auto now = parts_.time.now();
    for (std::size_t b = 0; b < routed_.size(); ++b)
        if (!routed_[b].which.empty()) forward_to(b, calls, now);
    if (!unsplit_.empty()) fail_unsplit(calls);
    parts_.starving.check(source_);
}

void chunk_work::forward_to(std::size_t batcher, callbacks& calls, time_point now) {
    auto& to = *parts_.batchers[batcher];
    const auto& r = routed_[batcher];
    const std::string_view key = to.options().name;
    batcher_span_.start<batcher_start, batcher_stop>([&](const span_origin& o, const span_start& at) {
        views_.clear();
        for (const auto i : r.which)
            views_.push_back(messages_->view(i));
        return batcher_start{o, at, key, views_};
    });
    switch (
        to.add({*messages_, r.which, source_, r.bytes, r.partitions, from_source_}, calls, unsplit_, now)) {
    case batcher_stage::admission::taken: break;
    case batcher_stage::admission::taken_on_credit: on_credit_ += r.which.size(); break;
    case batcher_stage::admission::refused: abandon_routed(r.which); break;
    }
    batcher_span_.end<batcher_stop>([&](const span_origin& o, duration took) {
        return batcher_stop{o, took, key};
    });
}

/// A splitter sees messages only when they join a batch, after all other callbacks.
void chunk_work::fail_unsplit(callbacks& calls) {
    const auto run = parts_.stages.make_run(unsplit_.size());
    std::vector<placement> steps;
    for (const auto i : unsplit_)
        steps.push_back({i, run.get()});
    parts_.stages.move(*messages_, steps);
    failed_.clear();
    failed_.collect(*run, 0, run->size(), calls);
    for (std::size_t i = 0; i < run->size(); ++i)
        retried_ += failed_.conclude(i, settler_, in_lane_) ? 1 : 0;
    settler_.flush();
    failed_.clear();
}

void chunk_work::abandon_routed(std::span<const std::uint32_t> places) {
    const auto heads = messages_->heads();
    for (const auto i : places)
        settler_.add(owed(heads[i]), outcome::abandoned, "stopped before it was batched");
    settler_.flush();
}

void chunk_work::settle_now(head_list heads) {
    settler_.settle_now(heads, hand_);
}

void chunk_work::abandon(std::string_view reason) {
    if (!hand_.claim()) return;
    settler_.add_all(hand_.owed(), outcome::abandoned, reason);
    settler_.flush();
}

} // namespace weir::pipeline::engine
