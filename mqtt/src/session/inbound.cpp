#include "session/inbound.hpp"

#include "codec/strict_utf8.hpp"
#include "codec/utf8.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/codec/decoder.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

/// A server that keeps its window never has more QoS 2 messages than that between PUBREC and PUBREL. One that
/// sends its whole queue as in flight (Mosquitto 2.0 upon a resumption) looks for the message of each PUBREC
/// from the head of that list, past all that are between PUBREC and PUBCOMP: answering it a window at a time
/// keeps that search short. A small window is no reason to go slower than this.
constexpr std::size_t least_open_limit = 100;

bool is_known_publish_ack_code(reason_code code) {
    switch (code) {
    case reason_code::success:
    case reason_code::no_matching_subscribers:
    case reason_code::unspecified_error:
    case reason_code::implementation_specific_error:
    case reason_code::not_authorized:
    case reason_code::topic_name_invalid:
    case reason_code::packet_identifier_in_use:
    case reason_code::quota_exceeded:
    case reason_code::payload_format_invalid: return true;
    default: return false;
    }
}

bool may_be_sent(const ack_outcome& outcome, protocol_version version) {
    if (outcome.verdict != ack_outcome::decision::acknowledge || outcome.code == reason_code::success)
        return true;
    return version == protocol_version::v5 && is_known_publish_ack_code(outcome.code);
}

/// A payload may hold U+0000, which a string of the protocol may not.
bool is_utf8_data(std::string_view text) {
    for (std::size_t end = text.find('\0'); end != std::string_view::npos; end = text.find('\0')) {
        if (!is_utf8_string(text.substr(0, end))) return false;
        text.remove_prefix(end + 1);
    }
    return is_utf8_string(text);
}

/// Has more properties than the decoder takes; what it left out is gone.
bool is_overfull(const publish& p) {
    return p.props.size() > decoder::most_properties;
}

std::string id_text(const publish& p) {
    return "PUBLISH with packet id " + std::to_string(p.packet_id);
}

} // namespace

inbound::settings inbound::settings_of(const client_options& o) {
    const bool v5 = o.proto_ver == protocol_version::v5;
    settings s;
    s.version = o.proto_ver;
    s.receive_maximum = v5 ? o.receive_maximum : 0;
    s.window = v5 ? o.receive_maximum : o.receive_window;
    if (s.window == 0) s.window = std::numeric_limits<std::uint16_t>::max();
    s.receive_bytes = o.receive_bytes;
    s.read_ahead_bytes = o.read_ahead_bytes;
    s.topic_alias_maximum = v5 ? topic_aliases::offered(o) : std::uint16_t{0};
    s.validate_payload_format = o.validate_payload_format;
    s.strict_utf8 = o.strict_utf8;
    s.strict_receive_maximum = o.strict_receive_maximum;
    s.raw_acks = o.raw_acks;
    s.confirm_release = o.confirm_release;
    s.store_first = o.qos2_receive == qos2_receive::store_first;
    s.store_qos1 = o.store.qos1;
    return s;
}

inbound_ledger::rules inbound::rules_of(const client_options& o, std::size_t window) {
    return {o.proto_ver, o.strict_resend, o.ack_order, window, std::max(window, least_open_limit)};
}

void inbound::change_version(const client_options& o) {
    options_ = settings_of(o);
    ledger_ = inbound_ledger{rules_of(o, options_.window), journal_};
}

inbound::inbound(const client_options& o, drop_report& drops, journal& kept)
    : options_(settings_of(o))
    , journal_(kept)
    , ledger_(rules_of(o, options_.window), kept)
    , qos0_(
          {o.qos0_buffer_messages, o.qos0_buffer_bytes,
           o.raw_acks ? qos0_buffer_policy::pause_reading : o.qos0_buffer_policy})
    , backlog_(kept)
    , drops_(drops) {}

void inbound::opened(std::uint32_t connection, bool session_resumed, std::size_t largest_packet) {
    ledger_.limit_ack_size(largest_packet);
    may_have_lost_count_ = session_resumed;
    connection_ = connection;
    overrun_reported_ = false;
    aliases_.reset(options_.topic_alias_maximum);
    backlog_.connection_opened();
}

// ---- arriving

std::optional<close_cause> inbound::received(publish& p, time_point now, outbox& out, events& ev) {
    if (p.topic.empty() || !p.props.empty())
        if (auto cause = resolve_topic(p)) return cause;
    ++arrivals_;
    if (is_overfull(p) && options_.raw_acks) {
        drops_.add(dropped::what::too_many_properties);
        return violation(reason_code::protocol_error, id_text(p) + " and more properties than are taken");
    }
    if (p.qos != qos::at_most_once && !options_.raw_acks) return take_acknowledged(p, now, out, ev);
    take_unacknowledged(p, now, ev);
    return std::nullopt;
}

std::optional<close_cause> inbound::resolve_topic(publish& p) {
    const auto alias = p.props.number(property_id::topic_alias);
    if (!alias) {
        if (!p.topic.empty()) return std::nullopt;
        return violation(reason_code::protocol_error, "PUBLISH with an empty topic and no topic alias");
    }
    switch (aliases_.resolve(*alias, p.topic)) {
    case topic_aliases::outcome::resolved: break;
    case topic_aliases::outcome::out_of_range:
        return violation(
            reason_code::topic_alias_invalid, "topic alias " + std::to_string(*alias) + " is not within 1.." +
                                                  std::to_string(options_.topic_alias_maximum));
    case topic_aliases::outcome::unknown:
        return violation(
            reason_code::protocol_error, "topic alias " + std::to_string(*alias) + " has not been set");
    }
    return std::nullopt;
}

std::optional<close_cause> inbound::take_acknowledged(publish& p, time_point now, outbox& out, events& ev) {
    const auto entered = ledger_.arrived(p);
    switch (entered.kind) {
    case inbound_ledger::arrival::fresh: break;
    case inbound_ledger::arrival::known:
        ++duplicates_;
        drops_.add(dropped::what::duplicate);
        release(out, ev);
        return check_window();
    case inbound_ledger::arrival::id_of_other_qos:
        return violation(reason_code::protocol_error, id_text(p) + " that the other QoS is using");
    case inbound_ledger::arrival::sent_twice:
        return violation(reason_code::protocol_error, id_text(p) + " that is still in use");
    }
    if (auto cause = check_window()) return cause;
    if (is_overfull(p)) return refuse(entered.token, reason_code::quota_exceeded, out, ev);
    if (is_misdeclared(p)) return refuse(entered.token, reason_code::payload_format_invalid, out, ev);
    const std::size_t size = p.topic.size() + p.payload.size();
    if (goes_to_store(p.qos)) {
        if (!unstored_.empty() || !store_has_room(size)) ++store_refused_;
        unstored_.push_back({entered.token, arrivals_, now, size});
        waiting_bytes_ += size + waiting_overhead;
        take_over_waiting();
        release(out, ev);
        return std::nullopt;
    }
    const bool has_room = window_has_room(size);
    if (!has_room) ++window_filled_;
    if (waiting_.empty() && qos0_.empty() && takes_more() && has_room) {
        ledger_.handed_out(entered.token);
        hand_out(std::move(p), entered.token, now, ev);
        return std::nullopt;
    }
    waiting_.push_back({entered.token, arrivals_, now, size});
    waiting_bytes_ += size + waiting_overhead;
    deliver_waiting(ev);
    return std::nullopt;
}

std::optional<close_cause> inbound::refuse(
    const ack_token& token, reason_code code, outbox& out, events& ev) {
    drops_.add(
        code == reason_code::quota_exceeded ? dropped::what::too_many_properties
                                            : dropped::what::payload_format);
    ledger_.refused(token, code);
    release(out, ev);
    return std::nullopt;
}

std::optional<close_cause> inbound::received_oversize(
    const publish& p, std::uint32_t size, outbox& out, events& ev) {
    ev.emplace_back(discarded{std::string(p.topic.text()), size, p.qos});
    if (p.qos == qos::at_most_once || options_.raw_acks) return std::nullopt;
    const auto entered = ledger_.arrived(p);
    if (entered.kind == inbound_ledger::arrival::fresh) {
        ledger_.refused(entered.token, reason_code::success);
    } else if (entered.kind != inbound_ledger::arrival::known) {
        return violation(reason_code::protocol_error, id_text(p) + " that is still in use");
    }
    release(out, ev);
    return check_window();
}

std::optional<close_cause> inbound::check_window() {
    const std::size_t maximum = options_.receive_maximum;
    if (maximum == 0 || ledger_.quota_used() <= maximum) return std::nullopt;
    // Up to twice the maximum is borne, the surplus waits undelivered. Mosquitto 2.0 keeps to the maximum
    // only until the first ack of a connection, then sends whatever it has queued: disconnecting it would
    // begin the same again, so from then on what waits is bounded by `read_ahead_bytes` alone.
    const bool too_many = ledger_.quota_used() > 2 * maximum && !may_have_lost_count_;
    if (options_.strict_receive_maximum || too_many)
        return violation(
            reason_code::receive_maximum_exceeded, std::to_string(ledger_.quota_used()) +
                                                       " unacknowledged messages with a Receive Maximum of " +
                                                       std::to_string(maximum));
    if (!std::exchange(overrun_reported_, true)) drops_.add(dropped::what::over_receive_maximum);
    return std::nullopt;
}

void inbound::take_unacknowledged(publish& p, time_point now, events& ev) {
    if (is_misdeclared(p)) {
        drops_.add(dropped::what::payload_format);
        return;
    }
    if (drained_) return drop_qos0({std::move(p.topic)}, dropped::what::drained);
    if (waiting_.empty() && qos0_.empty() && takes_more()) {
        hand_out(std::move(p), {}, now, ev);
        return;
    }
    drop_qos0(qos0_.push({std::move(p), {}, now, connection_}, arrivals_), dropped::what::qos0_buffer_full);
    deliver_waiting(ev);
}

void inbound::drop_qos0(std::vector<bytes> topics, dropped::what why) {
    qos0_dropped_ += topics.size();
    drops_.add(why, std::move(topics));
}

bool inbound::is_misdeclared(const publish& p) const {
    return options_.validate_payload_format && p.props.number(property_id::payload_format_indicator) == 1u &&
           !is_utf8_data(p.payload.text());
}

std::optional<close_cause> inbound::received_pubrel(const ack& a, outbox& out, events& ev) {
    if (options_.raw_acks) {
        ev.emplace_back(ack_received{a});
        return std::nullopt;
    }
    auto code = reason_code::success;
    const auto delivery = options_.confirm_release ? ledger_.releasing(a.packet_id) : 0;
    auto erased = journal::durable;
    switch (ledger_.pubrel(a.packet_id)) {
    case inbound_ledger::pubrel_answer::completed: erased = ledger_.released(); break;
    case inbound_ledger::pubrel_answer::unknown: code = reason_code::packet_identifier_not_found; break;
    case inbound_ledger::pubrel_answer::id_of_other_qos:
        return violation(
            reason_code::protocol_error,
            "PUBREL for packet id " + std::to_string(a.packet_id) + ", which a QoS 1 message is using");
    case inbound_ledger::pubrel_answer::pubrec_missing:
        return violation(
            reason_code::protocol_error,
            "PUBREL for packet id " + std::to_string(a.packet_id) + " before its PUBREC");
    }
    const held_releases::pubcomp answer{a.packet_id, code, erased};
    if (options_.confirm_release) {
        releases_.received(answer, delivery, ev);
    } else {
        complete(answer, out);
    }
    if (ledger_.acks_held() != 0) release(out, ev);
    return std::nullopt;
}

/// PUBCOMP leaves when the id is out of the store: another process must not take a new message of that id
/// for this one.
void inbound::complete(const held_releases::pubcomp& answer, outbox& out) {
    completions_.push_back(answer);
    send_completions(out);
}

void inbound::send_completions(outbox& out) {
    while (!completions_.empty() && journal_.is_durable(completions_.front().erased)) {
        const auto next = completions_.pop_front();
        ack answer;
        answer.type = ack_type::pubcomp;
        answer.packet_id = next.packet_id;
        answer.code = next.code;
        out.send(answer);
    }
}

void inbound::journal_moved(outbox& out, events& ev) {
    ledger_.journal_moved(out);
    send_completions(out);
    release(out, ev);
}

// ---- into the store first

void inbound::restore(
    const stored_state& before, const std::string& store, time_point now, wall_time today, events& ev) {
    for (const auto& [id, print] : before.ids)
        ledger_.restore(id, print);
    backlog_.restore(before, now, today);
    ev.emplace_back(store_opened{store, backlog_.first()});
    deliver_waiting(ev);
}

void inbound::tell_done(events& ev) {
    if (auto done = backlog_.take_done(); !done.empty()) ev.emplace_back(stored_done{std::move(done)});
}

bool inbound::goes_to_store(qos level) const noexcept {
    return options_.store_first && (level == qos::exactly_once || options_.store_qos1);
}

/// Messages that find no room stay unacknowledged: so the server keeps them, and sends no more than its
/// window.
void inbound::take_over_waiting() {
    while (!unstored_.empty() && store_has_room(unstored_.front().size)) {
        const waiting w = unstored_.pop_front();
        waiting_bytes_ -= w.size + waiting_overhead;
        take_over(w);
    }
}

void inbound::take_over(const waiting& w) {
    ledger_.taken_over(w.token, backlog_.add(ledger_.message(w.token), w.at, connection_));
}

bool inbound::store_has_room(std::size_t size) const noexcept {
    const bool in_memory = backlog_.bytes() == 0 || backlog_.bytes() + size <= options_.receive_bytes;
    return in_memory && journal_.fits(size);
}

// ---- the application

void inbound::acknowledge(std::span<const ack_outcome> outcomes) {
    for (const ack_outcome& outcome : outcomes) {
        if (outcome.token.delivery == 0) continue; // QoS 0
        if (backlog::names(outcome.token)) {
            if (backlog_.settle(outcome.token, outcome.verdict) == inbound_ledger::settled::repeated)
                ++repeated_acks_;
            continue;
        }
        if (!may_be_sent(outcome, options_.version)) {
            drops_.add(dropped::what::unsupported_ack);
            continue;
        }
        may_have_lost_count_ = true;
        switch (ledger_.settle(outcome)) {
        case inbound_ledger::settled::taken:
            if (outcome.verdict == ack_outcome::decision::let_go) drops_.add(dropped::what::let_go);
            break;
        case inbound_ledger::settled::repeated: ++repeated_acks_; break;
        case inbound_ledger::settled::stale:
            ++stale_acks_;
            drops_.add(dropped::what::stale_ack);
            break;
        }
    }
}

error inbound::acknowledge(const ack_token& token, reason_code code, properties props) {
    if (token.delivery == 0) return {}; // QoS 0
    if (backlog::names(token)) {        // the server has had its answer
        if (backlog_.settle(token, ack_outcome::decision::acknowledge) == inbound_ledger::settled::taken)
            return {};
        ++repeated_acks_;
        return error{errc::already_acked};
    }
    ack probe;
    probe.type = token.level == qos::at_least_once ? ack_type::puback : ack_type::pubrec;
    probe.packet_id = token.packet_id;
    probe.code = code;
    probe.props = std::move(props);
    if (auto fault = check_outgoing(probe, options_.version)) return *std::move(fault);
    if (options_.strict_utf8)
        if (auto fault = check_strict_utf8(probe.props)) return *std::move(fault);
    may_have_lost_count_ = true;
    switch (ledger_.settle({.token = token, .code = code})) {
    case inbound_ledger::settled::taken: break;
    case inbound_ledger::settled::repeated: ++repeated_acks_; return error{errc::already_acked};
    case inbound_ledger::settled::stale:
        ++stale_acks_;
        drops_.add(dropped::what::stale_ack);
        return error{errc::session_lost};
    }
    if (!probe.props.empty()) ledger_.annotate(token.delivery, std::move(probe.props));
    return {};
}

void inbound::release(outbox& out, events& ev) {
    if (drained_) ledger_.lift_open_limit();
    ledger_.release(out);
    if (options_.store_first) take_over_waiting();
    if (!waiting_.empty() || options_.store_first) deliver_waiting(ev);
}

void inbound::release_for_leaving(outbox& out) {
    ledger_.lift_open_limit();
    ledger_.release(out);
}

// ---- connections and sessions

void inbound::connection_lost() {
    waiting_.clear();
    unstored_.clear();
    waiting_bytes_ = 0;
    completions_.clear();
    releases_.connection_lost();
    ledger_.connection_lost();
}

void inbound::session_lost(events& ev) {
    releases_.session_lost();
    const auto lost = ledger_.session_lost();
    stale_acks_ += lost.acks_dropped;
    drops_.add(dropped::what::stale_ack, lost.acks_dropped);
    ev.emplace_back(mqtt::session_lost{lost.held});
}

void inbound::fill(session_stats& s) const noexcept {
    s.messages_delivered = delivered_;
    s.acks_sent = ledger_.acks_sent();
    s.duplicates = duplicates_;
    s.stale_acks = stale_acks_;
    s.repeated_acks = repeated_acks_;
    s.qos0_dropped = qos0_dropped_;
    s.window_used = ledger_.outstanding() + backlog_.held();
    s.stored_done = backlog_.done();
    s.acks_held = ledger_.acks_held();
    s.unacknowledged = ledger_.unacknowledged();
    s.deferred = ledger_.deferred();
    s.deferred_done = ledger_.deferred_done();
    s.read_ahead = waiting_bytes_;
    s.qos0_waiting = qos0_.size();
    s.alias_bytes = aliases_.memory();
    s.window_filled = window_filled_;
    s.store_refused += store_refused_;
    s.forgotten = ledger_.forgotten();
}

} // namespace weir::mqtt
