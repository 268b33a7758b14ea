// What a session does with each packet it receives.
#include "session/session_impl.hpp"

#include <string>
#include <variant>

namespace weir::mqtt {

void session::impl::dispatch(time_point now, events& ev) {
    const bool expected = phase_ == phase::connected || std::holds_alternative<connack>(packet_) ||
                          std::holds_alternative<mqtt::disconnect>(packet_);
    if (!expected)
        return end_connection(violation(reason_code::protocol_error, "a packet before CONNACK"), ev);
    if (auto* p = std::get_if<mqtt::publish>(&packet_)) return on(*p, now, ev); // nearly always
    std::visit([&](auto& p) { on(p, now, ev); }, packet_);
}

void session::impl::on(mqtt::publish& p, time_point now, events& ev) {
    end_on(inbound_.received(p, now, outbox_, ev), ev);
}

void session::impl::on(ack& a, time_point, events& ev) {
    end_on(
        a.type == ack_type::pubrel ? inbound_.received_pubrel(a, outbox_, ev)
                                   : outbound_.received(a, outbox_, ev),
        ev);
}

void session::impl::on(connack& c, time_point now, events& ev) {
    if (phase_ == phase::connected)
        return end_connection(violation(reason_code::protocol_error, "a second CONNACK"), ev);
    auto outcome = handshake_.answered(c);
    if (c.code == 0) phase_ = phase::connected; // from here on a violation is answered
    if (!outcome.accepted) return end_connection(outcome.refused, ev);
    connection_stands(outcome, now, ev);
}

void session::impl::connection_stands(handshake::outcome& o, time_point now, events& ev) {
    connected& info = *o.accepted;
    const auto limits = server_limits::of(info);
    info.connection = ++connection_;
    keep_alive_.start(
        std::chrono::seconds{info.keep_alive}, options_.ping_timeout, options_.force_ping, connect_sent_);
    inbound_.opened(connection_, info.session_present);
    ev.emplace_back(std::move(info));
    if (o.session.lost) {
        inbound_.session_lost(ev);
        outbound_.session_lost(ev);
        table_.session_lost();
    }
    outbound_.opened(limits);
    calls_.opened(limits, o.session.resubscribe);
    if (o.session.resume) outbound_.resume(outbox_, ev);
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
    end_connection({{kind, std::move(text)}, is_fatal_disconnect(d.code), std::nullopt}, ev);
}

void session::impl::on(auth&, time_point, events& ev) {
    end_connection(
        violation(reason_code::protocol_error, "AUTH without an authentication method in CONNECT"), ev);
}

/// CONNECT, SUBSCRIBE and the like; the decoder of a server's packets lets none of them by.
template <class ClientPacket>
void session::impl::on(ClientPacket&, time_point, events& ev) {
    end_connection(violation(reason_code::protocol_error, "a packet only clients send"), ev);
}

} // namespace weir::mqtt
