#include "session/outbound_window.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

std::string named(const ack& a) {
    static constexpr const char* names[] = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"};
    const auto index = static_cast<std::size_t>(a.type) - static_cast<std::size_t>(ack_type::puback);
    return std::string(names[index]) + " for packet id " + std::to_string(a.packet_id);
}

error rejection(const ack& a) {
    if (!is_failure(a.code)) return {};
    return {errc::rejected, named(a) + ": " + std::string(to_string(a.code))};
}

} // namespace

void outbound_window::opened(const server_limits& limits) noexcept {
    server_ = limits;
    limit_ = std::min(rules_.limit, limits.receive_maximum);
}

// ---- sending

outbound_window::entry& outbound_window::add(std::uint16_t packet_id) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(entries_.size()));
        entries_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    table_.put(packet_id, slot);
    return entries_[slot];
}

void outbound_window::send(queued_publish m, std::uint16_t packet_id, outbox& out) {
    entry& e = add(packet_id);
    e.operation = m.operation;
    e.key = m.key;
    e.kept = m.kept;
    e.packet = std::move(m.packet);
    e.packet.packet_id = packet_id;
    e.packet.dup = false;
    e.state = stage::published;
    e.on_connection = true;
    e.downgraded = m.downgraded;
    e.deadline = m.deadline;
    e.order = next_order_++;
    ++used_;
    note_sent(e);
    aliases_.send(e.packet, m.alias, server_, out);
}

void outbound_window::note_sent(entry& e) noexcept {
    e.sent_at = now_;
    if (rules_.retry_interval.count() != 0 && !retry_at_) retry_at_ = now_ + rules_.retry_interval;
}

void outbound_window::resume(outbox& out, events& ev) {
    for (const auto slot : in_order()) {
        entry& e = entries_[slot];
        if (e.state == stage::releasing) {
            send_again(e, out);
            e.release_resent = true;
        } else {
            resend_.push_back(e.packet.packet_id);
            continue_resend(out, ev);
        }
    }
}

void outbound_window::continue_resend(outbox& out, events& ev) {
    while (!resend_.empty() && used_ < limit_) {
        entry* e = find(resend_.pop_front());
        if (e == nullptr || e->on_connection || e->state != stage::published) continue; // answered meanwhile
        // The limits are those of this CONNACK, which may be narrower than when it was sent first
        // [MQTT-3.2.2-11, 3.2.2-14, 3.2.2-15].
        if (auto refused = server_.refuse(e->packet, out.version())) {
            abandon(*e, std::move(*refused), ev);
        } else {
            send_again(*e, out);
        }
    }
}

void outbound_window::send_again(entry& e, outbox& out) {
    if (!std::exchange(e.on_connection, true)) ++used_;
    ++resent_;
    note_sent(e);
    if (e.state == stage::releasing) {
        if (!rules_.raw_acks) release(e, out);
        return;
    }
    e.packet.dup = true;
    out.send(e.packet);
}

void outbound_window::send_pubrel(std::uint16_t packet_id, reason_code code, outbox& out) {
    ack a;
    a.type = ack_type::pubrel;
    a.packet_id = packet_id;
    a.code = code;
    out.send(a);
}

// ---- answers

std::optional<close_cause> outbound_window::received(const ack& a, outbox& out, events& ev) {
    switch (a.type) {
    case ack_type::puback: return puback(a, ev);
    case ack_type::pubrec: return pubrec(a, out, ev);
    default: return pubcomp(a, ev);
    }
}

std::optional<close_cause> outbound_window::puback(const ack& a, events& ev) {
    entry* e = find(a.packet_id);
    if (e == nullptr) {
        unexpected();
        return std::nullopt;
    }
    if (e->packet.qos != qos::at_least_once)
        return violation(reason_code::protocol_error, named(a) + ", which a QoS 2 message is using");
    finish(*e, a, rejection(a), ev);
    return std::nullopt;
}

std::optional<close_cause> outbound_window::pubrec(const ack& a, outbox& out, events& ev) {
    entry* e = find(a.packet_id);
    if (rules_.raw_acks) ev.emplace_back(ack_received{a});
    if (e == nullptr) {
        if (rules_.raw_acks) return std::nullopt;
        if (is_failure(a.code)) {
            unexpected();
        } else {
            send_pubrel(a.packet_id, reason_code::packet_identifier_not_found, out);
        }
        return std::nullopt;
    }
    if (e->packet.qos != qos::exactly_once)
        return violation(reason_code::protocol_error, named(a) + ", which a QoS 1 message is using");
    if (e->state == stage::published && is_failure(a.code)) { // no PUBREL follows [MQTT-4.3.3-4]
        finish(*e, a, rejection(a), ev);
        return std::nullopt;
    }
    if (e->state == stage::published) {
        e->state = stage::releasing;
        e->order = next_order_++;
        e->packet.payload = {};
        e->packet.topic = {};
        e->packet.props.clear();
        if (!std::exchange(e->on_connection, true)) ++used_;
        note_sent(*e);
        if (rules_.complete_on == complete_on::pubrec) report(*e, a, {}, ev);
        note_pubrec(*e);
    }
    if (!rules_.raw_acks) release(*e, out);
    return std::nullopt;
}

std::optional<close_cause> outbound_window::pubcomp(const ack& a, events& ev) {
    entry* e = find(a.packet_id);
    if (e == nullptr) {
        unexpected();
        return std::nullopt;
    }
    if (e->packet.qos != qos::exactly_once)
        return violation(reason_code::protocol_error, named(a) + ", which a QoS 1 message is using");
    if (e->state != stage::releasing)
        return violation(reason_code::protocol_error, named(a) + " before its PUBREL");
    // A server that had completed before the connection broke no longer knows the id [MQTT 5.0, 3.7.2.1].
    const bool harmless = a.code == reason_code::packet_identifier_not_found && e->release_resent;
    finish(*e, a, harmless ? error{} : rejection(a), ev);
    return std::nullopt;
}

void outbound_window::report(entry& e, const ack& a, error failed, events& ev) {
    if (e.operation == 0) {
        if (e.kept && failed.code) drops_.add(dropped::what::stored_publish);
        return;
    }
    deadlines_.remove(e.deadline, e.operation);
    ev.emplace_back(publish_done{
        std::exchange(e.operation, 0), std::move(failed), a.packet_id, a.code, a.props, e.downgraded});
}

void outbound_window::finish(entry& e, const ack& a, error failed, events& ev) {
    report(e, a, std::move(failed), ev);
    ids_.release(a.packet_id);
    forget_record(e);
    forget(e);
}

void outbound_window::abandon(entry& e, error why, events& ev) {
    const auto id = e.packet.packet_id;
    report(e, {.packet_id = id}, std::move(why), ev);
    if (e.packet.qos == qos::exactly_once) {
        abandoned_.push_back(
            {id, e.key}); // the server may hold it and would take a new message for a repetition
        note_abandoned(e);
    } else {
        ids_.release(id);
        forget_record(e);
    }
    forget(e);
}

bool outbound_window::give_up(operation_id operation, const error& why, events& ev) {
    const auto e = std::find_if(entries_.begin(), entries_.end(), [operation](const entry& one) {
        return one.state != stage::unused && one.operation == operation;
    });
    if (e == entries_.end()) return false;
    report(*e, {.packet_id = e->packet.packet_id}, why, ev);
    return true;
}

// ---- time

void outbound_window::ticked(outbox& out, events& ev) {
    if (!retry_at_ || now_ < *retry_at_) return;
    retry_at_.reset();
    for (const auto slot : in_order()) {
        entry& e = entries_[slot];
        if (!e.on_connection) continue;
        if (now_ >= e.sent_at + rules_.retry_interval) overdue(e, out, ev);
        const auto due = e.sent_at + rules_.retry_interval;
        if (!retry_at_ || due < *retry_at_) retry_at_ = due;
    }
}

void outbound_window::overdue(entry& e, outbox& out, events& ev) {
    ev.emplace_back(ack_overdue{e.operation, e.packet.packet_id});
    if (rules_.resends) return send_again(e, out);
    e.sent_at = now_;
}

// ---- connections and sessions

void outbound_window::connection_lost() noexcept {
    for (entry& e : entries_)
        e.on_connection = e.release_waits = false;
    resend_.clear();
    releases_.clear();
    retry_at_.reset();
    used_ = 0;
    limit_ = 0;
}

std::vector<queued_publish> outbound_window::session_lost(events& ev) {
    std::vector<queued_publish> again;
    for (const auto slot : in_order()) {
        entry& e = entries_[slot];
        const auto id = e.packet.packet_id;
        if (e.state == stage::releasing) {
            report(e, {.packet_id = id}, {}, ev);
        } else if (is_republished(e)) {
            again.push_back(take_again(e));
        } else {
            report(
                e, {.packet_id = id}, {errc::session_lost, "it is not known whether the message arrived"},
                ev);
        }
        e.packet.packet_id = id;
        ids_.release(id);
        forget_record(e);
        forget(e);
    }
    for (const auto& one : abandoned_) {
        ids_.release(one.packet_id);
        if (one.key != 0) (void)journal_.erase(stored_record::kind::flight, one.key);
    }
    abandoned_.clear();
    return again;
}

bool outbound_window::is_republished(const entry& e) const noexcept {
    const auto action = e.packet.qos == qos::at_least_once ? rules_.qos1_lost : rules_.qos2_lost;
    return action == on_session_lost::republish && (e.operation != 0 || e.kept);
}

void outbound_window::abort(events& ev) {
    for (const auto slot : in_order()) {
        entry& e = entries_[slot];
        const bool stays = e.key != 0;
        report(
            e, {.packet_id = e.packet.packet_id},
            {errc::aborted, stays ? "it stays in the session store" : ""}, ev);
        if (stays) {
            e.kept = true;
            e.deadline.reset();
            continue;
        }
        ids_.release(e.packet.packet_id);
        forget(e);
    }
    resend_.clear();
}

// ---- the store

void outbound_window::restore(std::uint64_t key, publish message, const stored_flight& flight) {
    const auto id = flight.packet_id;
    if (ids_.in_use(id)) return; // no session writes such a thing
    ids_.reserve(id);
    if (flight.progress == stored_flight::stage::abandoned) return abandoned_.push_back({id, key});
    entry& e = add(id);
    e.packet = std::move(message);
    if (flight.progress == stored_flight::stage::releasing) e.packet.qos = qos::exactly_once;
    e.packet.packet_id = id;
    e.state = flight.progress == stored_flight::stage::releasing ? stage::releasing : stage::published;
    e.key = key;
    e.kept = true;
    e.order = e.state == stage::releasing ? flight.order : key;
    next_order_ = std::max(next_order_, e.order + 1);
}

/// From here on the message is not sent again, only its PUBREL [MQTT-4.3.3-6].
void outbound_window::note_pubrec(entry& e) {
    if (e.key == 0) return;
    (void)journal_.erase(stored_record::kind::message, e.key);
    const stored_flight form{e.packet.packet_id, stored_flight::stage::releasing, e.order};
    e.mark = journal_.put(stored_record::kind::flight, e.key, form.head());
}

void outbound_window::note_abandoned(const entry& e) {
    if (e.key == 0) return;
    (void)journal_.erase(stored_record::kind::message, e.key);
    const stored_flight form{e.packet.packet_id, stored_flight::stage::abandoned, 0};
    (void)journal_.put(stored_record::kind::flight, e.key, form.head());
}

void outbound_window::release(entry& e, outbox& out) {
    if (journal_.is_durable(e.mark)) return send_pubrel(e.packet.packet_id, reason_code::success, out);
    if (!std::exchange(e.release_waits, true)) releases_.push_back(e.packet.packet_id);
}

void outbound_window::journal_moved(outbox& out) {
    while (!releases_.empty()) {
        entry* const e = find(releases_.front());
        if (e != nullptr && !journal_.is_durable(e->mark)) return;
        releases_.drop_front();
        if (e == nullptr || !std::exchange(e->release_waits, false)) continue;
        send_pubrel(e->packet.packet_id, reason_code::success, out);
    }
}

/// To be published anew, under another id, when the store has forgotten this one.
queued_publish outbound_window::take_again(entry& e) {
    queued_publish m;
    m.operation = e.operation;
    m.packet = std::move(e.packet);
    m.packet.packet_id = 0;
    m.deadline = e.deadline;
    m.kept = e.kept;
    m.key = std::exchange(e.key, 0);
    if (m.key != 0) (void)journal_.erase(stored_record::kind::flight, m.key);
    return m;
}

void outbound_window::forget_record(const entry& e) {
    if (e.key == 0) return;
    (void)journal_.erase(stored_record::kind::flight, e.key);
    if (e.state == stage::published) (void)journal_.erase(stored_record::kind::message, e.key);
}

// ---- entries

outbound_window::entry* outbound_window::find(std::uint16_t packet_id) noexcept {
    const auto slot = table_.find(packet_id);
    return slot == id_table::none ? nullptr : &entries_[slot];
}

std::vector<std::uint32_t> outbound_window::in_order() const {
    std::vector<std::uint32_t> slots;
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot)
        if (entries_[slot].state != stage::unused) slots.push_back(slot);
    std::sort(slots.begin(), slots.end(), [this](std::uint32_t a, std::uint32_t b) {
        return entries_[a].order < entries_[b].order;
    });
    return slots;
}

void outbound_window::forget(entry& e) {
    table_.erase(e.packet.packet_id);
    free_.push_back(static_cast<std::uint32_t>(&e - entries_.data()));
    if (e.on_connection) --used_;
    e = entry{};
}

} // namespace weir::mqtt
