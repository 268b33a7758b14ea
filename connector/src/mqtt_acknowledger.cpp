#include "mqtt_acknowledger.hpp"

#include "message_events.hpp"
#include "record_pool.hpp"
#include "settle_round.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace weir::connector {

namespace {

using pipeline::outcome;

bool acknowledges(events::ack_action action) {
    using enum events::ack_action;
    return action == ack || action == reject || action == dead_letter;
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

mqtt_acknowledger::mqtt_acknowledger(
    const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, copies& of_messages,
    histogram& latency, services others)
    : context_(context)
    , client_(client)
    , copies_(of_messages)
    , latency_(latency)
    , others_(std::move(others))
    , log_(context)
    , failing_(context.options.redelivery, std::random_device{}())
    , timer_(lane, [this] { work_off_due(); }) {}

void mqtt_acknowledger::settle(std::span<const pipeline::settlement> settlements) {
    round r(context_.time.now());
    for (const auto& s : settlements)
        end(s, r);
    totals_.add(r.counts); // first: whoever sees the ack finds its message counted
    send(r);
}

void mqtt_acknowledger::send(round& r) {
    if (others_.keys != nullptr)
        others_.keys->keep(std::move(r.keys), r.acks);
    else if (!r.acks.empty())
        client_.acknowledge(r.acks);
}

/// The message is done: one with its key need not be processed any more.
void mqtt_acknowledger::keep_key(const inbound_record& record, round& r) const {
    if (others_.keys != nullptr && !record.key.empty())
        r.keys.push_back({.key = record.key, .received = record.wall});
}

void mqtt_acknowledger::end(const pipeline::settlement& s, round& r) {
    auto& record = record_of(s.token);
    if (s.result == outcome::successful) {
        if (!s.reason.empty()) dropped(record, s.reason, r);
        return succeeded(record, r);
    }
    if (s.result == outcome::failed) ++r.counts.failed;
    failed(record, s, r);
}

void mqtt_acknowledger::dropped(const inbound_record& record, std::string_view reason, round& r) {
    ++r.counts.dropped;
    tell_dropped(record, reason);
}

void mqtt_acknowledger::tell_dropped(const inbound_record& record, std::string_view reason) const {
    context_.bus->emit<events::message_dropped>([&] {
        return events::message_dropped{
            .origin = context_.stamp(),
            .reason = reason,
            .filter = record.pool->origin().matched_filter(record.received.topic.text()),
            .count = 1};
    });
}

void mqtt_acknowledger::succeeded(inbound_record& record, round& r) {
    ++r.counts.succeeded;
    if (record.attempt > 1) forget_failures(record);
    const bool ack = context_.options.on_success == on_success::ack;
    if (ack && !is_qos0(record)) r.acks.push_back(acknowledge(record));
    if (ack || is_qos0(record)) keep_key(record, r);
    finish(record, true, ack ? events::ack_action::ack : events::ack_action::noop, r.now);
}

/// A message that the application is to acknowledge later is awaited until it does.
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
    if (!successful || action != events::ack_action::noop)
        record.ended.store(true, std::memory_order_relaxed);
    if (record.outcome && (!successful || action != events::ack_action::noop || is_qos0(record)))
        copies_.ended(*record.outcome, successful || acknowledges(action));
    record_pool::release(record);
}

/// A message may be acknowledged before the pipeline has heard of its success.
void mqtt_acknowledger::acknowledged_late(const inbound_record& record) {
    const mqtt::ack_outcome outcome{.token = record.token};
    if (others_.keys == nullptr)
        client_.acknowledge({&outcome, 1});
    else if (record.key.empty())
        others_.keys->keep({}, {&outcome, 1});
    else
        others_.keys->keep({{.key = record.key, .received = record.wall}}, {&outcome, 1});
    if (record.outcome) copies_.ended(*record.outcome, true);
}

std::vector<mqtt::ack_outcome> mqtt_acknowledger::deferrals(const std::vector<std::uint64_t>& tokens) {
    std::vector<mqtt::ack_outcome> list;
    list.reserve(tokens.size());
    for (const auto token : tokens) {
        const auto& record = record_of(token);
        if (!is_qos0(record)) list.push_back(defer(record.token));
        if (record.outcome) copies_.defer(*record.outcome, list);
    }
    return list;
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
        publish_parked();
        deferred = deferrals(due.defer);
    }
    if (!deferred.empty()) client_.acknowledge(deferred);
    if (!due.again.empty()) others_.again(next_attempts(due.again));
    arm_timer();
}

void mqtt_acknowledger::repeated() {
    std::vector<mqtt::ack_outcome> deferred;
    {
        const std::lock_guard lock(mutex_);
        deferred = deferrals(failing_.left_out());
        for (const auto& token : held_)
            deferred.push_back(defer(token));
    }
    if (!deferred.empty()) client_.acknowledge(deferred);
}

void mqtt_acknowledger::session_lost() {
    const std::lock_guard lock(mutex_);
    held_.clear();
    publish_parked();
}

void mqtt_acknowledger::drain() {
    redelivery::due due;
    std::vector<mqtt::ack_outcome> deferred;
    {
        const std::lock_guard lock(mutex_);
        draining_ = true;
        failing_.give_up(due);
        publish_parked();
        deferred = deferrals(due.defer);
    }
    if (!deferred.empty()) client_.acknowledge(deferred);
    settle_counts counts;
    for (const auto token : due.again) {
        if (is_qos0(record_of(token))) count_lost(record_of(token), counts);
        finish(record_of(token), false, events::ack_action::aborted, context_.time.now());
    }
    totals_.add(counts);
}

/// A drain has come before, but for a pipeline that failed to start.
void mqtt_acknowledger::stop() {
    timer_.cancel();
    drain();
}

/// Under the lock.
void mqtt_acknowledger::publish_parked() noexcept {
    parked_.store(failing_.waiting() + held_.size() + burying_, std::memory_order_relaxed);
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
