#include "session/outbound.hpp"

#include "codec/strict_utf8.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

/// Lowers the Message Expiry Interval by the time the message waited, so that it does not live longer for
/// having waited here. False when nothing is left of it.
bool age(queued_publish& m, time_point now) {
    const auto expiry = m.packet.props.number(property_id::message_expiry_interval);
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - m.since);
    if (!expiry || waited.count() <= 0) return true;
    if (waited.count() >= *expiry) return false;
    m.since += waited;
    m.packet.props.set(
        property_id::message_expiry_interval, *expiry - static_cast<std::uint32_t>(waited.count()));
    return true;
}

} // namespace

outbound::outbound(const client_options& o, packet_ids& ids, drop_report& drops, journal& kept)
    : version_(o.proto_ver)
    , policy_(o.send_queue_policy)
    , waiting_(o.queue_while_disconnected)
    , strict_utf8_(o.strict_utf8)
    , downgrade_(o.downgrade_qos)
    , automatic_aliases_(o.topic_alias_out == topic_alias_out::automatic)
    , window_limit_(o.max_inflight)
    , ids_(ids)
    , drops_(drops)
    , journal_(kept)
    , aliases_(o.topic_alias_out)
    , queue_({o.send_queue_messages, o.send_queue_bytes, o.strict_order})
    , window_(
          {o.max_inflight, o.complete_on, o.on_session_lost_qos1, o.on_session_lost_qos2, o.retry_interval,
           o.raw_acks, o.proto_ver != protocol_version::v5},
          ids, deadlines_, aliases_, drops, kept) {}

std::optional<error> outbound::publish(
    operation_id operation, outgoing&& message, time_point now, events& ev) {
    queued_publish m;
    m.operation = operation;
    m.since = now;
    m.packet.topic = std::move(message.topic);
    m.packet.payload = std::move(message.payload);
    m.packet.qos = message.qos;
    m.packet.retain = message.retain;
    m.packet.props = std::move(message.props);
    if (auto fault = fault_of(m.packet)) return fault;
    if (!limits_ && !may_wait(m.packet.qos))
        return error{errc::not_connected, "and queue_while_disconnected lets this message not wait"};
    if (auto fault = make_room(m.size(), ev)) return fault;
    if (journal_.on())
        if (auto fault = record(m)) return fault;
    if (const auto alias = m.packet.props.number(property_id::topic_alias)) {
        // Aliases belong to one connection, a queued message to none: it keeps its full topic.
        m.alias = static_cast<std::uint16_t>(*alias);
        m.packet.props.remove(property_id::topic_alias);
    }
    if (message.deadline) m.deadline = now + *message.deadline;
    deadlines_.add(m.deadline, operation);
    queue_.push(std::move(m));
    return std::nullopt;
}

std::optional<error> outbound::fault_of(const mqtt::publish& p) const {
    if (p.props.number(property_id::topic_alias)) {
        if (automatic_aliases_)
            return error{errc::property_invalid, "topic_alias by hand, where topic_alias_out chooses it"};
        if (p.topic.empty()) return error{errc::topic_name_invalid, "\"\"; an alias needs its topic here"};
    }
    if (auto fault = check_outgoing(p, version_)) return fault;
    return strict_utf8_ ? check_strict_utf8(p) : std::nullopt;
}

bool outbound::may_wait(qos level) const noexcept {
    switch (waiting_) {
    case queue_while_disconnected::all: return true;
    case queue_while_disconnected::qos0_off: return level != qos::at_most_once;
    case queue_while_disconnected::none: return false;
    }
    return true;
}

std::optional<error> outbound::make_room(std::size_t bytes, events& ev) {
    while (!queue_.fits(bytes)) {
        auto oldest =
            policy_ == send_queue_policy::drop_oldest_qos0 ? queue_.drop_oldest_qos0() : std::nullopt;
        drops_.count(dropped::what::send_queue_full);
        if (!oldest)
            return error{errc::queue_full, std::to_string(queue_.size()) + " messages wait to be sent"};
        fail(*oldest, {errc::queue_full, "dropped for a newer message"}, ev);
    }
    return std::nullopt;
}

void outbound::opened(const server_limits& limits) {
    limits_ = limits;
    aliases_.opened(limits.topic_alias_maximum);
    window_.opened(limits);
}

void outbound::pump(time_point now, outbox& out, events& ev) {
    if (!limits_) return;
    window_.at(now);
    window_.continue_resend(out, ev);
    if (journal_.on()) launch_ahead();
    while (!out.is_full() &&
           send(queue_.next(window_.has_room() && may_go(queue_.first_acknowledged())), now, out, ev)) {
    }
    const bool filled = out.is_full() && !queue_.empty();
    if (filled && !output_filled_) ++times_output_filled_;
    output_filled_ = filled;
}

bool outbound::send(queued_publish* next, time_point now, outbox& out, events& ev) {
    if (next == nullptr) return false;
    if (downgrade_ && next->packet.qos > limits_->maximum_qos) {
        auto m = queue_.pop(*next);
        downgrade(m, now);
        next = queue_.push_first(std::move(m));
        if (!may_go(next)) return false;
    }
    if (auto why = refuse(*next, now)) {
        fail(take(*next), std::move(*why), ev);
        return true;
    }
    if (next->packet.qos == qos::at_most_once) {
        const auto m = queue_.pop(*next);
        deadlines_.remove(m.deadline, m.operation);
        aliases_.send(m.packet, m.alias, *limits_, out);
        encoded_.push_back({m.operation, m.downgraded});
        return true;
    }
    if (next->packet.packet_id != 0) {
        const auto own = next->packet.packet_id;
        window_.send(take(*next), own, out);
        return true;
    }
    const auto id = ids_.take();
    if (!id) return false; // every id is taken: the message waits
    window_.send(queue_.pop(*next), *id, out);
    return true;
}

std::optional<error> outbound::refuse(queued_publish& m, time_point now) const {
    if (m.alias > aliases_.maximum()) // [MQTT-3.3.2-9]
        return error{
            errc::property_invalid, "topic_alias " + std::to_string(m.alias) + ", the server takes at most " +
                                        std::to_string(aliases_.maximum())};
    if (!m.packet.props.empty())
        if (auto why = refuse_properties(m, now)) return why;
    return limits_->refuse(m.packet, version_);
}

std::optional<error> outbound::refuse_properties(queued_publish& m, time_point now) const {
    if (version_ != protocol_version::v5) // it was v5 when the message was accepted
        return check_properties(m.packet.props, packet_type::publish, version_);
    if (m.since != time_point{} && !age(m, now))
        return error{errc::expired, "its Message Expiry Interval passed while it waited"};
    return std::nullopt;
}

void outbound::output_taken() {
    output_filled_ = false;
    taken_.insert(taken_.end(), encoded_.begin(), encoded_.end());
    encoded_.clear();
}

void outbound::output_written(events& ev) {
    for (const auto& sent : taken_)
        ev.emplace_back(publish_done{sent.operation, {}, 0, reason_code::success, {}, sent.downgraded});
    taken_.clear();
}

void outbound::connection_lost(events& ev) {
    limits_.reset();
    window_.connection_lost();
    output_taken();
    for (const auto& sent : taken_)
        fail(sent.operation, {errc::disconnected, "the connection ended before it was written"}, ev);
    taken_.clear();
    if (waiting_ != queue_while_disconnected::all) fail_what_may_not_wait(ev);
}

void outbound::fail_what_may_not_wait(events& ev) {
    const error why{errc::disconnected, "and queue_while_disconnected lets this message not wait"};
    while (const auto m = queue_.drop_oldest_qos0())
        fail(*m, why, ev);
    if (waiting_ != queue_while_disconnected::none) return;
    while (auto* m = queue_.next(true))
        fail(take(*m), why, ev);
}

void outbound::session_lost(events& ev) {
    auto again = window_.session_lost(ev);
    for (auto m = again.rbegin(); m != again.rend(); ++m)
        queue_.push_front(std::move(*m));
}

void outbound::abort(events& ev) {
    output_taken();
    for (const auto& sent : std::exchange(taken_, {}))
        fail(sent.operation, error{errc::aborted}, ev);
    window_.abort(ev);
    // What is in the store is sent by and by, by this object or the next process.
    auto kept = queue_.extract([](const queued_publish& m) { return m.key != 0; });
    for (auto m = kept.rbegin(); m != kept.rend(); ++m) {
        report(*m, {errc::aborted, "it stays in the session store"}, ev);
        m->operation = 0;
        m->deadline.reset();
        m->kept = true;
        queue_.push_front(std::move(*m));
    }
    auto gone = queue_.extract([](const queued_publish& m) { return m.key == 0; });
    for (const auto& m : gone)
        fail(m, error{errc::aborted}, ev);
    while (const auto m = queue_.drop_oldest_qos0())
        fail(*m, error{errc::aborted}, ev);
}

// ---- ends before the answer

void outbound::cancel(operation_id operation, events& ev) {
    end(operation, {errc::aborted, "canceled"}, {errc::aborted, "canceled after it was sent"}, ev);
}

void outbound::ticked(time_point now, outbox& out, events& ev) {
    while (const auto late = deadlines_.take_due(now))
        end(*late, {errc::expired, "its deadline passed while it waited"}, error{errc::timeout_unconfirmed},
            ev);
    window_.at(now);
    window_.ticked(out, ev);
}

std::optional<time_point> outbound::deadline() const noexcept {
    const auto one = deadlines_.next();
    const auto other = window_.deadline();
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

void outbound::end(operation_id operation, const error& unsent, const error& unanswered, events& ev) {
    if (operation == 0) return;
    if (const auto m = queue_.remove(operation)) {
        if (m->packet.packet_id != 0) --launched_;
        return fail(*m, unsent, ev);
    }
    window_.give_up(operation, unanswered, ev);
}

void outbound::fail(const queued_publish& m, error why, events& ev) {
    if (m.key != 0) forget_record(m);
    report(m, std::move(why), ev);
}

void outbound::report(const queued_publish& m, error why, events& ev) {
    deadlines_.remove(m.deadline, m.operation);
    if (m.operation != 0) return fail(m.operation, std::move(why), ev);
    if (why.code != errc::aborted) drops_.add(dropped::what::stored_publish);
}

void outbound::fail(operation_id operation, error why, events& ev) {
    ev.emplace_back(publish_done{operation, std::move(why), 0, reason_code::success, {}});
}

void outbound::fill(session_stats& s) const noexcept {
    s.resent = window_.resent();
    s.send_queue = queue_.size();
    s.send_queue_bytes = queue_.bytes();
    s.outbound_inflight = window_.size();
    s.output_filled = times_output_filled_;
    s.store_refused += store_refused_;
}

} // namespace weir::mqtt
