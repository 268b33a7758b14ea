// What an acknowledger does about a message that has failed, or was never judged.
#include "failure_log.hpp"
#include "failure_step.hpp"
#include "message_events.hpp"
#include "mqtt_acknowledger.hpp"
#include "record_pool.hpp"
#include "settle_round.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/error.hpp>

#include <string>
#include <utility>

namespace weir::connector {

/// An abandoned message got no verdict, so no policy may end it.
void mqtt_acknowledger::failed(inbound_record& record, const pipeline::settlement& s, round& r) {
    log_.failed(record, s.reason, r.now);
    if (s.result == pipeline::outcome::abandoned) return try_again_later(record, s.reason, {}, r);
    const auto step = next_step(context_, record, s.reason);
    using kind = failure_step::kind;
    switch (step.what) {
    case kind::again: return try_again_later(record, s.reason, step.delay, r);
    case kind::ack:
        ++r.counts.acked_failed;
        return acknowledge_failed(record, mqtt::reason_code::success, events::ack_action::ack, r);
    case kind::reject:
        ++r.counts.rejected;
        return acknowledge_failed(record, step.code, events::ack_action::reject, r);
    case kind::dead_letter: return bury(record, s.reason);
    case kind::hold: return is_qos0(record) ? lose(record, s.reason, r) : hold(record, r);
    case kind::stop: return end_pipeline(record, s.reason, r);
    }
}

void mqtt_acknowledger::acknowledge_failed(
    inbound_record& record, mqtt::reason_code code, events::ack_action action, round& r) {
    if (record.attempt > 1) forget_failures(record);
    if (is_qos0(record)) {
        count_lost(record, r.counts);
    } else {
        r.acks.push_back(acknowledge(record, code));
    }
    keep_key(record, r);
    finish(record, false, action, r.now);
}

/// QoS 0 exists nowhere else and has no slot to wait in.
void mqtt_acknowledger::lose(inbound_record& record, std::string_view reason, round& r) {
    count_lost(record, r.counts);
    tell_dropped(record, reason);
    finish(record, false, events::ack_action::noop, r.now);
}

void mqtt_acknowledger::count_lost(const inbound_record& record, settle_counts& counts) {
    ++counts.lost;
    others_.lost(record);
}

/// Under the lock.
bool mqtt_acknowledger::may_wait(const inbound_record& record) const {
    if (!is_qos0(record)) return !draining_;
    return !draining_ && context_.options.redelivery.qos0 && failing_.size() < context_.options.max_inflight;
}

void mqtt_acknowledger::try_again_later(
    inbound_record& record, std::string_view reason, std::optional<duration> delay, round& r) {
    {
        const std::lock_guard lock(mutex_);
        if (may_wait(record)) {
            const auto pause = failing_.failed(token_of(record), record.attempt, r.now, delay);
            publish_parked();
            // Inside the lock: once released, the lane may bring the message again, end it and reuse the
            // record.
            context_.bus->emit<events::message_retry>([&] {
                return events::message_retry{
                    .origin = context_.stamp(),
                    .message = info_of(record),
                    .attempt = record.attempt,
                    .delay = pause,
                    .reason = reason};
            });
        } else {
            failing_.settled(token_of(record));
            return is_qos0(record) ? lose(record, reason, r) : leave(record, events::ack_action::aborted, r);
        }
    }
    arm_timer();
}

/// Left unacknowledged without holding back those behind it.
void mqtt_acknowledger::leave(inbound_record& record, events::ack_action action, round& r) {
    r.acks.push_back(defer(record.token));
    finish(record, false, action, r.now);
}

void mqtt_acknowledger::hold(inbound_record& record, round& r) {
    ++r.counts.held;
    {
        const std::lock_guard lock(mutex_);
        failing_.settled(token_of(record));
        held_.push_back(record.token);
        publish_parked();
    }
    log(log_level::warning, context_.log_prefix() + "held after its last attempt: " +
                                description_of(record, "left unacknowledged"));
    leave(record, events::ack_action::hold, r);
}

void mqtt_acknowledger::end_pipeline(inbound_record& record, std::string_view reason, round& r) {
    others_.end({errc::message_failed, description_of(record, reason)});
    if (record.attempt > 1) forget_failures(record);
    if (!is_qos0(record)) return leave(record, events::ack_action::stop, r);
    count_lost(record, r.counts);
    finish(record, false, events::ack_action::stop, r.now);
}

// ---- dead letters

void mqtt_acknowledger::bury(inbound_record& record, std::string_view reason) {
    {
        const std::lock_guard lock(mutex_);
        ++burying_;
        publish_parked();
    }
    others_.bury(record, reason, [this, &record, why = std::string(reason)](const error& failed) {
        buried(record, why, failed);
    });
}

/// On the lane.
void mqtt_acknowledger::buried(inbound_record& record, const std::string& reason, const error& failed) {
    {
        const std::lock_guard lock(mutex_);
        --burying_;
        publish_parked();
    }
    round r(context_.time.now());
    if (failed) {
        log(log_level::warning,
            context_.log_prefix() + "no dead letter for " + description_of(record, failed.message()));
        try_again_later(record, "dead letter: " + failed.message(), {}, r);
    } else {
        ++r.counts.dead_lettered;
        context_.bus->emit<events::message_dead_letter>([&] {
            return events::message_dead_letter{
                .origin = context_.stamp(),
                .message = info_of(record),
                .attempts = record.attempt,
                .reason = reason};
        });
        if (record.attempt > 1) forget_failures(record);
        if (!is_qos0(record)) r.acks.push_back(acknowledge(record));
        keep_key(record, r);
        finish(record, false, events::ack_action::dead_letter, r.now);
    }
    totals_.add(r.counts);
    send(r);
}

} // namespace weir::connector
