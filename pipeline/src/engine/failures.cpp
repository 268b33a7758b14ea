#include "engine/failures.hpp"

#include <weir/pipeline/events/failures.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace weir::pipeline::engine {
namespace {

/// Its failure may be gone: callbacks own the message.
failure_info& reason_of(message_head& head) {
    if (head.failure == nullptr)
        head.failure = std::make_unique<failure_info>(failure_info{.text = "failed"});
    return *head.failure;
}

constexpr std::string_view not_taken = "not taken as a dead letter: ";

} // namespace

failures::failures(const parts& p, failure_stage stage, control& shared, std::size_t lane)
    : parts_(p)
    , stage_(stage)
    , shared_(shared)
    , lane_(lane)
    , span_(shared)
    , shown_(p.stages.handles_failures() ? p.stages.make_run(1) : nullptr) {}

void failures::collect(message_run& run, std::size_t first, std::size_t count, callbacks& calls) {
    run_ = &run;
    heads_ = run.heads();
    for (std::size_t i = first; i < first + count; ++i)
        if (heads_[i].failure != nullptr) failed_.push_back({.index = static_cast<std::uint32_t>(i)});
    if (failed_.empty()) return;
    decide(run, calls);
    show(run, calls);
    if (parts_.stages.takes_dead_letters()) bury(run, calls);
}

void failures::collect(raw_run& in, std::span<rejection> undecodable, callbacks& calls) {
    if (!parts_.stages.takes_dead_letters()) return;
    for (auto& r : undecodable) {
        if (r.result == outcome::successful) continue; // dropped
        auto why_not = calls.bury(in, r);
        const bool taken = why_not == nullptr;
        r.result = taken ? parts_.dead_letter_as : outcome::abandoned;
        if (!taken) r.failure.text = std::string{not_taken} + why_not->text;
        report_dead_letter(failure_stage::decode, r.attempt, r.failure.text, taken);
        if (r.result == outcome::successful) r.failure.text.clear(); // nothing is the matter any more
    }
}

void failures::decide(message_run& run, callbacks& calls) {
    const bool ask = parts_.stages.decides_failures();
    for (auto& f : failed_) {
        if (heads_[f.index].ack.owner == nullptr) continue; // settled before: nothing is left to decide
        decide(f, ask ? calls.decide(run, f.index) : verdict::retry);
    }
}

void failures::decide(failed_message& f, verdict v) {
    const bool buries = parts_.stages.takes_dead_letters();
    switch (v) {
    case verdict::retry:
        f.end = ask_for_retry(f) ? fate::retried : buries ? fate::buried : fate::failed;
        break;
    case verdict::dead_letter: f.end = buries ? fate::buried : fate::failed; break;
    case verdict::fail: f.end = fate::failed; break;
    case verdict::succeed:
        f.end = fate::forgiven;
        f.result = outcome::successful;
        break;
    }
}

bool failures::ask_for_retry(failed_message& f) {
    if (!parts_.retries.enabled()) return false;
    auto& head = heads_[f.index];
    const auto place = parts_.retries.ask(head);
    f.pause = place.pause;
    if (place.answer == retry_store::answer::full) {
        reason_of(head).text += "; not tried again, since " + std::to_string(parts_.retries.bound()) +
                                " messages wait for that already (retry.max_waiting)";
        parts_.accounts.count(lane_, ledger::entry::retries_refused, 1);
    }
    return place.answer == retry_store::answer::granted;
}

bool failures::shown(const failed_message& f) const noexcept {
    return shown_ != nullptr && f.end != fate::retried && f.end != fate::forgiven;
}

void failures::show(message_run& run, callbacks& calls) {
    if (shown_ == nullptr) return;
    for (auto& f : failed_) {
        if (!shown(f)) continue;
        f.shown = static_cast<std::uint32_t>(steps_.size());
        steps_.push_back({f.index, shown_.get()});
    }
    if (steps_.empty()) return;
    parts_.stages.move(run, steps_);
    show_in_span(calls);
}

void failures::show_in_span(callbacks& calls) {
    std::vector<message_view> views;
    span_.start<handle_failed_start, handle_failed_stop, handle_failed_exception>(
        [&](const span_origin& o, const span_start& at) {
            return handle_failed_start{o, at, views_of(*shown_, views)};
        });
    calls.handle_failed(*shown_);
    if (const auto why = calls.take_thrown())
        span_.end<handle_failed_exception>([&](const span_origin& o, duration took) {
            return handle_failed_exception{o, took, views_of(*shown_, views), failure_of(*why)};
        });
    else
        span_.end<handle_failed_stop>([&](const span_origin& o, duration took) {
            return handle_failed_stop{o, took, views_of(*shown_, views)};
        });
}

void failures::add_views(std::vector<message_view>& into) const {
    for (const auto& f : failed_)
        if (f.end != fate::retried) into.push_back(shown(f) ? shown_->view(f.shown) : run_->view(f.index));
}

void failures::bury(message_run& run, callbacks& calls) {
    for (auto& f : failed_) {
        if (f.end != fate::buried || head_of(f).ack.owner == nullptr) continue;
        auto why_not = shown(f) ? calls.bury(*shown_, f.shown, stage_) : calls.bury(run, f.index, stage_);
        const bool taken = why_not == nullptr;
        auto& head = head_of(f);
        f.result = taken ? parts_.dead_letter_as : outcome::abandoned;
        if (!taken) reason_of(head).text = std::string{not_taken} + why_not->text;
        report_dead_letter(stage_, head.attempt, reason_of(head).text, taken);
    }
}

message_head& failures::head_of(const failed_message& f) const noexcept {
    return shown(f) ? shown_->heads()[f.shown] : heads_[f.index];
}

bool failures::conclude(std::size_t nth, settler& into, std::size_t lane) {
    auto& f = failed_[nth];
    if (f.end == fate::retried) return retry(f, into, lane);
    auto& head = head_of(f);
    const std::string_view reason =
        f.result == outcome::successful ? std::string_view{} : reason_of(head).text;
    into.add(owed(head), f.result, reason);
    return false;
}

bool failures::retry(failed_message& f, settler& into, std::size_t lane) {
    const auto& head = heads_[f.index];
    shared_.bus->emit<message_retry>([&] {
        return message_retry{
            shared_.pipeline, stage_, head.attempt,
            std::chrono::duration_cast<std::chrono::milliseconds>(f.pause), reason_of(heads_[f.index]).text};
    });
    // One that a batcher had taken has to pass the processors once more.
    if (stage_ == failure_stage::handle_batch) parts_.accounts.count(lane_, ledger::entry::returned, 1);
    parts_.accounts.count(lane_, ledger::entry::retried, 1);
    const auto debt = owed(head);
    const auto source = parts_.accounts.source_of(head.ack.owner).value_or(0);
    f.end = fate::concluded;
    auto message = parts_.stages.take_back(*run_, f.index, source);
    parts_.retries.keep_place(*message, lane);
    if (parts_.retries.put(message, f.pause)) return true;
    parts_.retries.give_up_place(*message);
    into.add(debt, outcome::abandoned, "stopped while it waited for another attempt");
    return false;
}

void failures::report_dead_letter(
    failure_stage stage, std::uint32_t attempts, std::string_view reason, bool taken) const {
    if (taken) parts_.accounts.count(lane_, ledger::entry::dead_lettered, 1);
    shared_.bus->emit<message_dead_lettered>([&] {
        return message_dead_lettered{shared_.pipeline, stage, attempts, taken, reason};
    });
}

void failures::clear() noexcept {
    for (const auto& f : failed_)
        if (f.end == fate::retried) parts_.retries.leave();
    if (shown_ != nullptr) shown_->clear();
    failed_.clear();
    steps_.clear();
}

} // namespace weir::pipeline::engine
