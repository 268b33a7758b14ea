#include "engine/admission.hpp"

#include "options/rate_limiting.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events/intake.hpp>

#include <algorithm>
#include <string>

namespace weir::pipeline::engine {
namespace {

using circuit = circuit_breaker::state;

rate_limiting_options changed(rate_limiting_options limits, const rate_limiting_change& c) {
    limits.allowed_messages = c.allowed_messages.value_or(limits.allowed_messages);
    limits.interval = c.interval.value_or(limits.interval);
    limits.burst = c.burst.value_or(limits.burst);
    return limits;
}

std::vector<option_fault> faults_of(const rate_limiting_options& now, const rate_limiting_options& next) {
    fault_list faults;
    check_rate_limiting(next, "rate_limiting", faults);
    const auto off = next.allowed_messages == 0 && next.interval.count() == 0;
    faults.expect(
        !off, "rate_limiting.allowed_messages", "0",
        "an integer from 1: a limit that is at work can be changed, not switched off");
    faults.expect(
        (now.burst == 0) == (next.burst == 0), "rate_limiting.burst", std::to_string(next.burst),
        now.burst == 0 ? "0, since this limit has fixed windows"
                       : "at least 1, since this limit is a token bucket");
    return faults.take();
}

} // namespace

admission::admission(
    const options& o, control& shared, const time_source& time, std::vector<std::unique_ptr<source>>& sources)
    : shared_(shared)
    , time_(time)
    , sources_(sources)
    , wanted_(o.rate_limiting) {
    if (o.rate_limiting.is_on()) limiter_.emplace(o.rate_limiting, time.now());
    if (o.circuit_breaker.is_on()) breaker_.emplace(o.circuit_breaker);
    evaluate();
}

std::size_t admission::admit(std::size_t wanted) noexcept {
    const std::scoped_lock lock{mutex_};
    if (closed()) return 0;
    auto admitted = wanted;
    if (limiter_) admitted = limiter_->admit(admitted, time_.now());
    if (breaker_ && !draining_) admitted = breaker_->admit(admitted);
    evaluate();
    if (closed()) attend();
    return admitted;
}

void admission::settled(std::span<const settlement> settlements) noexcept {
    const std::scoped_lock lock{mutex_};
    if (draining_) return;
    const auto before = breaker_->current();
    const auto now = time_.now();
    for (const auto& s : settlements)
        breaker_->settled(s.result, now);
    if (breaker_->current() == before) return;
    if (breaker_->current() == circuit::open) evaluate(); // it closes in its own turn
    attend();
}

void admission::pause() {
    const std::scoped_lock lock{mutex_};
    paused_ = true;
    evaluate();
    attend();
}

void admission::resume() {
    const std::scoped_lock lock{mutex_};
    paused_ = false;
    attend();
}

void admission::drain() noexcept {
    const std::scoped_lock lock{mutex_};
    draining_ = true;
    attend();
}

bool admission::paused() const {
    const std::scoped_lock lock{mutex_};
    return paused_;
}

intake_stats admission::look() const {
    const std::scoped_lock lock{mutex_};
    intake_stats s{.paused = paused_};
    if (breaker_) s.circuit = breaker_->current();
    if (!limiter_) return s;
    s.rate_limiting = limiter_->limits();
    const auto opens_at = limiter_->opens_at();
    s.rate_limited = opens_at.has_value();
    if (opens_at) s.opens_in = std::max(duration{}, *opens_at - time_.now());
    return s;
}

std::optional<rate_limiting_options> admission::rate_limiting() const {
    const std::scoped_lock lock{mutex_};
    if (!limiter_) return std::nullopt;
    return limiter_->limits();
}

result<void> admission::change(const rate_limiting_change& c, bool reset) {
    const std::scoped_lock lock{mutex_};
    if (!limiter_) return error{errc::rate_limiting_disabled};
    const auto next = changed(wanted_, c);
    if (const auto faults = faults_of(wanted_, next); !faults.empty())
        return error{errc::invalid_options, describe(faults, "; ")};
    wanted_ = next;
    limiter_->change(next, time_.now(), reset);
    attend();
    return {};
}

std::optional<time_point> admission::due() const {
    const std::scoped_lock lock{mutex_};
    if (attention_) return time_point::min();
    const auto rate = limiter_ && closed() ? limiter_->opens_at() : std::nullopt;
    const auto circuit = breaker_ && !draining_ ? breaker_->due() : std::nullopt;
    return agenda::earlier(rate, circuit);
}

void admission::tick(time_point now) {
    {
        const std::scoped_lock lock{mutex_};
        attention_ = false;
        const auto was_closed = closed();
        if (limiter_) limiter_->refill(now);
        if (breaker_) breaker_->tick(now);
        evaluate();
        // Each time another one is first, or one with much to bring would leave nothing for the others.
        if (was_closed && !closed()) ++turn_;
    }
    report(now);
    for (std::size_t i = 0; i < sources_.size(); ++i)
        sources_[(turn_ + i) % sources_.size()]->gate_changed();
}

void admission::evaluate() noexcept {
    const auto cooling = breaker_ && !draining_ && breaker_->current() != circuit::closed;
    const auto held_up = !draining_ && (paused_ || (breaker_ && breaker_->blocks()));
    const auto used_up = limiter_ && limiter_->opens_at().has_value();
    set(limiter_ || cooling || held_up, held_up || used_up, held_up);
}

/// The conductor's turn has come.
void admission::attend() noexcept {
    attention_ = true;
    shared_.progress.raise();
}

/// From the conductor's turn, since listeners may do what they like, and messages are emitted under locks.
void admission::report(time_point now) {
    std::optional<time_point> opens_at;
    auto in = circuit::closed;
    bool is_paused = false;
    {
        const std::scoped_lock lock{mutex_};
        if (limiter_) opens_at = limiter_->opens_at();
        if (breaker_) in = breaker_->current();
        is_paused = paused_;
    }
    report_rate(opens_at, now);
    report_circuit(in);
    if (is_paused && !told_paused_)
        shared_.bus->emit<intake_paused>([&] { return intake_paused{shared_.pipeline}; });
    if (!is_paused && told_paused_)
        shared_.bus->emit<intake_resumed>([&] { return intake_resumed{shared_.pipeline}; });
    told_paused_ = is_paused;
}

void admission::report_rate(std::optional<time_point> opens_at, time_point now) {
    if (opens_at.has_value() == told_rate_closed_) return;
    told_rate_closed_ = opens_at.has_value();
    if (opens_at)
        shared_.bus->emit<rate_limiter_closed>([&] {
            return rate_limiter_closed{shared_.pipeline, *opens_at - now};
        });
    else
        shared_.bus->emit<rate_limiter_opened>([&] { return rate_limiter_opened{shared_.pipeline}; });
}

void admission::report_circuit(circuit now_in) {
    if (now_in == told_circuit_) return;
    told_circuit_ = now_in;
    const auto& o = breaker_->options();
    switch (now_in) {
    case circuit::closed:
        return shared_.bus->emit<circuit_closed>([&] { return circuit_closed{shared_.pipeline}; });
    case circuit::open:
        return shared_.bus->emit<circuit_opened>([&] {
            return circuit_opened{shared_.pipeline, o.cooldown};
        });
    case circuit::probing:
        return shared_.bus->emit<circuit_probing>([&] {
            return circuit_probing{shared_.pipeline, o.probes};
        });
    }
}

} // namespace weir::pipeline::engine
