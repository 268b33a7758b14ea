#include "mqtt_acknowledger.hpp"

#include "message_events.hpp"
#include "record_pool.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace weir::connector {

namespace {

using pipeline::outcome;

mqtt::ack_outcome acknowledge(const inbound_record& r) {
    return {.token = r.token, .verdict = mqtt::ack_outcome::decision::acknowledge};
}

mqtt::ack_outcome defer(const inbound_record& r) {
    return {.token = r.token, .verdict = mqtt::ack_outcome::decision::defer};
}

bool is_qos0(const inbound_record& r) {
    return r.received.qos == mqtt::qos::at_most_once;
}

std::vector<mqtt::ack_outcome> deferrals(const std::vector<std::uint64_t>& tokens) {
    std::vector<mqtt::ack_outcome> list;
    list.reserve(tokens.size());
    for (const auto token : tokens)
        list.push_back(defer(record_of(token)));
    return list;
}

/// Waiting messages are nobody else's, so their records may be changed.
std::vector<inbound_record*> next_attempts(const std::vector<std::uint64_t>& tokens) {
    std::vector<inbound_record*> list;
    list.reserve(tokens.size());
    for (const auto token : tokens) {
        list.push_back(&record_of(token));
        ++list.back()->attempt;
    }
    return list;
}

} // namespace

/// One call of `settle`.
struct mqtt_acknowledger::round {
    explicit round(time_point t)
        : now(t)
        , acks(scratch()) {
        acks.clear();
    }

    /// Each worker reuses its own: no allocation per call.
    static std::vector<mqtt::ack_outcome>& scratch() {
        thread_local std::vector<mqtt::ack_outcome> list;
        return list;
    }

    time_point now;
    std::vector<mqtt::ack_outcome>& acks;
    settle_counts counts{};
};

mqtt_acknowledger::mqtt_acknowledger(
    const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, histogram& latency,
    bring_again again)
    : context_(context)
    , client_(client)
    , latency_(latency)
    , again_(std::move(again))
    , failing_(context.options.redelivery, std::random_device{}())
    , timer_(lane, [this] { work_off_due(); }) {}

void mqtt_acknowledger::settle(std::span<const pipeline::settlement> settlements) {
    round r(context_.time.now());
    for (const auto& s : settlements)
        end(s, r);
    totals_.add(r.counts); // first: whoever sees the ack finds its message counted
    if (!r.acks.empty()) client_.acknowledge(r.acks);
}

void mqtt_acknowledger::end(const pipeline::settlement& s, round& r) {
    auto& record = record_of(s.token);
    if (s.result == outcome::successful) return succeeded(record, r);
    if (s.result == outcome::failed) ++r.counts.failed;
    if (is_qos0(record)) return lose(record, s, r);
    failed(record, s, r);
}

void mqtt_acknowledger::succeeded(inbound_record& record, round& r) {
    ++r.counts.succeeded;
    if (record.attempt > 1) forget_failures(record);
    const bool ack = context_.options.on_success == on_success::ack;
    if (ack && !is_qos0(record)) r.acks.push_back(acknowledge(record));
    finish(record, true, ack ? events::ack_action::ack : events::ack_action::noop, r.now);
}

/// QoS 0 exists nowhere else and has no slot to wait in.
void mqtt_acknowledger::lose(inbound_record& record, const pipeline::settlement& s, round& r) {
    ++r.counts.lost;
    context_.bus->emit<events::message_dropped>(
        [&] { return events::message_dropped{.origin = context_.stamp(), .reason = s.reason, .count = 1}; });
    const bool by_choice = s.result == outcome::failed && context_.options.on_failure == on_failure::ack;
    finish(record, false, by_choice ? events::ack_action::ack : events::ack_action::noop, r.now);
}

/// An abandoned message got no verdict, so no policy may end it.
void mqtt_acknowledger::failed(inbound_record& record, const pipeline::settlement& s, round& r) {
    if (s.result == outcome::abandoned || context_.options.on_failure == on_failure::noop)
        return try_again_later(record, s.reason, r);
    if (record.attempt > 1) forget_failures(record);
    r.acks.push_back(acknowledge(record));
    finish(record, false, events::ack_action::ack, r.now);
}

void mqtt_acknowledger::try_again_later(inbound_record& record, std::string_view reason, round& r) {
    duration delay{};
    {
        const std::lock_guard lock(mutex_);
        if (draining_) return leave(record, r);
        delay = failing_.failed(token_of(record), record.attempt, r.now);
        publish_waiting();
        // Inside the lock: once released, the lane may bring the message again, end it and reuse the record.
        context_.bus->emit<events::message_retry>([&] {
            return events::message_retry{
                .origin = context_.stamp(),
                .message = info_of(record),
                .attempt = record.attempt,
                .delay = delay,
                .reason = reason};
        });
    }
    arm_timer();
}

/// Left unacknowledged for the next start. Under the lock.
void mqtt_acknowledger::leave(inbound_record& record, round& r) {
    r.acks.push_back(defer(record));
    failing_.settled(token_of(record));
    finish(record, false, events::ack_action::aborted, r.now);
}

void mqtt_acknowledger::finish(
    inbound_record& record, bool successful, events::ack_action action, time_point now) {
    const auto took = now - record.at;
    latency_.record(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    context_.bus->emit<events::receive_message_ack>([&] {
        return events::receive_message_ack{
            .origin = context_.stamp(),
            .message = info_of(record),
            .took = took,
            .successful = successful,
            .action = action,
            .attempt = record.attempt};
    });
    record_pool::release(record);
}

void mqtt_acknowledger::forget_failures(const inbound_record& record) {
    const std::lock_guard lock(mutex_);
    failing_.settled(token_of(record));
}

/// A token among the failing names a live record as long as the lock is held, since whoever ends the message
/// takes it from there first.
void mqtt_acknowledger::work_off_due() {
    redelivery::due due;
    std::vector<mqtt::ack_outcome> deferred;
    {
        const std::lock_guard lock(mutex_);
        failing_.take_due(context_.time.now(), due);
        publish_waiting();
        deferred = deferrals(due.defer);
    }
    if (!deferred.empty()) client_.acknowledge(deferred);
    if (!due.again.empty()) again_(next_attempts(due.again));
    arm_timer();
}

void mqtt_acknowledger::drain() {
    redelivery::due due;
    std::vector<mqtt::ack_outcome> deferred;
    {
        const std::lock_guard lock(mutex_);
        draining_ = true;
        failing_.give_up(due);
        publish_waiting();
        deferred = deferrals(due.defer);
    }
    if (!deferred.empty()) client_.acknowledge(deferred);
    for (const auto token : due.again)
        finish(record_of(token), false, events::ack_action::aborted, context_.time.now());
}

/// A drain has come before, but for a pipeline that failed to start.
void mqtt_acknowledger::stop() {
    timer_.cancel();
    drain();
}

void mqtt_acknowledger::arm_timer() {
    std::optional<time_point> deadline;
    {
        const std::lock_guard lock(mutex_);
        deadline = failing_.deadline();
    }
    if (deadline) timer_.at(*deadline);
}

} // namespace weir::connector
