// What a session does with each packet it receives.
#include "session/session_impl.hpp"
#include "session/version_fallback.hpp"

#include <string>
#include <variant>

namespace weir::mqtt {

void session::impl::dispatch(time_point now, events& ev) {
    const bool expected = phase_ == phase::connected || std::holds_alternative<connack>(packet_) ||
                          std::holds_alternative<auth>(packet_) ||
                          std::holds_alternative<mqtt::disconnect>(packet_);
    if (!expected)
        return end_connection(violation(reason_code::protocol_error, "a packet before CONNACK"), ev);
    if (auto* p = std::get_if<mqtt::publish>(&packet_)) return on(*p, now, ev); // nearly always
    std::visit([&](auto& p) { on(p, now, ev); }, packet_);
}

void session::impl::on(mqtt::publish& p, time_point now, events& ev) {
    end_on(inbound_.received(p, now, outbox_, ev), ev);
}

void session::impl::on(ack& a, time_point now, events& ev) {
    end_on(
        a.type == ack_type::pubrel ? inbound_.received_pubrel(a, outbox_, ev)
                                   : outbound_.received(a, now, outbox_, ev),
        ev);
}

void session::impl::on(connack& c, time_point now, events& ev) {
    if (phase_ == phase::connected)
        return end_connection(violation(reason_code::protocol_error, "a second CONNACK"), ev);
    if (c.code == 0) {
        std::optional<close_cause> fault;
        if (auth_.accepted(c, fault, ev)) {
            held_connack_ = std::move(c);
            return;
        }
        if (fault) phase_ = phase::connected;
        if (fault) return end_connection(*fault, ev);
    }
    accepted(c, now, ev);
}

void session::impl::accepted(const connack& c, time_point now, events& ev) {
    auto outcome = handshake_.answered(c);
    if (c.code == 0) phase_ = phase::connected; // from here on a violation is answered
    if (!outcome.accepted) return refused(c, std::move(outcome.refused), ev);
    connection_stands(outcome, now, ev);
}

void session::impl::refused(const connack& c, close_cause&& cause, events& ev) {
    const bool v5 = options_.proto_ver == protocol_version::v5;
    version_refused_ =
        c.code == (v5 ? static_cast<std::uint8_t>(reason_code::unsupported_protocol_version)
                      : static_cast<std::uint8_t>(connect_return_code::unacceptable_protocol_version));
    if (version_refused_ && may_fall_back()) cause.fatal = false;
    end_connection(cause, ev);
}

bool session::impl::may_fall_back() const noexcept {
    return connection_ == 0 && !options_.proto_fallback.empty();
}

/// Nothing of a connection has happened yet: no id is in use, nothing was received.
void session::impl::fall_back(events& ev) {
    const auto from = options_.proto_ver;
    const auto to = options_.proto_fallback.front();
    auto older = downgrade(options_, to);
    options_ = std::move(older.options);
    options_.proto_fallback.erase(options_.proto_fallback.begin());
    handshake_.version_changed();
    outbox_.change_version(to);
    inbound_.change_version(options_);
    outbound_.change_version(to);
    calls_.change_version(to);
    ev.emplace_back(version_fallback{from, to, std::move(older.lost)});
}

void session::impl::connection_stands(handshake::outcome& o, time_point now, events& ev) {
    connected& info = *o.accepted;
    const auto limits = server_ = server_limits::of(info);
    info.connection = ++connection_;
    keep_alive_in_force_ = std::chrono::seconds{info.keep_alive};
    keep_alive_.start(keep_alive_in_force_, options_.ping_timeout, options_.force_ping, connect_sent_);
    inbound_.opened(connection_, info.session_present, info.maximum_packet_size);
    if (journal_.on()) note_session(info, !o.session.resume);
    const session_expiry_lowered expiry{handshake_.session_expiry_asked(), info.session_expiry};
    ev.emplace_back(std::move(info));
    if (expiry.granted < expiry.asked) ev.emplace_back(expiry);
    if (o.session.lost) {
        inbound_.session_lost(ev);
        outbound_.session_lost(ev);
        table_.session_lost();
    }
    outbound_.opened(limits);
    calls_.opened(limits, o.session.resubscribe);
    if (o.session.resume) outbound_.resume(now, outbox_, ev);
    calls_.send_waiting(now, outbox_, ev);
}

void session::impl::on(suback& s, time_point, events& ev) {
    end_on(calls_.received(s, ev), ev);
}

void session::impl::on(unsuback& u, time_point, events& ev) {
    end_on(calls_.received(u, ev), ev);
}

void session::impl::on(mqtt::disconnect& d, time_point, events& ev) {
    if (d.code == reason_code::disconnect_with_will_message)
        return end_connection(
            violation(reason_code::protocol_error, "DISCONNECT with a code only clients send"), ev);
    std::string text = "DISCONNECT, " + std::string(to_string(d.code));
    for (const auto id : {property_id::reason_string, property_id::server_reference})
        if (const auto value = d.props.text(id))
            text += ", " + std::string(to_string(id)) + ": " + std::string(*value);
    const auto kind =
        d.code == reason_code::session_taken_over ? errc::session_taken_over : errc::server_disconnect;
    end_connection(
        {{kind, std::move(text)},
         is_fatal_disconnect(d.code),
         std::nullopt,
         reference_in(d.code, d.props),
         closing_packet{packet_type::disconnect, static_cast<std::uint8_t>(d.code), std::move(d.props)}},
        ev);
}

void session::impl::on(auth& a, time_point, events& ev) {
    end_on(auth_.received(a, ev), ev);
}

void session::impl::on(pingresp&, time_point now, events& ev) {
    pings_.answered(now, ev);
}

/// CONNECT, SUBSCRIBE and the like; the decoder of a server's packets lets none of them by.
template <class ClientPacket>
void session::impl::on(ClientPacket&, time_point, events& ev) {
    end_connection(violation(reason_code::protocol_error, "a packet only clients send"), ev);
}

} // namespace weir::mqtt
