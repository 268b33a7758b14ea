#pragma once

#include "codec/property_codec.hpp"

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>

/// What stands behind the fixed header of each packet, in the shortest form the version has. `Out` is a
/// `size_counter` or a `writer`.
namespace weir::mqtt {

[[nodiscard]] constexpr bool is_v5(protocol_version v) noexcept {
    return v == protocol_version::v5;
}

[[nodiscard]] constexpr std::uint8_t first_byte(packet_type type, unsigned flags = 0) noexcept {
    return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const connack&) {
    return first_byte(packet_type::connack);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const connect&) {
    return first_byte(packet_type::connect);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const publish& p) {
    return first_byte(
        packet_type::publish, (p.dup ? 8u : 0u) | static_cast<unsigned>(p.qos) << 1 | (p.retain ? 1u : 0u));
}

[[nodiscard]] inline std::uint8_t first_byte_of(const ack& p) {
    return first_byte(static_cast<packet_type>(p.type), p.type == ack_type::pubrel ? 0b0010 : 0);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const subscribe&) {
    return first_byte(packet_type::subscribe, 0b0010);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const suback&) {
    return first_byte(packet_type::suback);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const unsubscribe&) {
    return first_byte(packet_type::unsubscribe, 0b0010);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const unsuback&) {
    return first_byte(packet_type::unsuback);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const pingreq&) {
    return first_byte(packet_type::pingreq);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const pingresp&) {
    return first_byte(packet_type::pingresp);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const disconnect&) {
    return first_byte(packet_type::disconnect);
}

[[nodiscard]] inline std::uint8_t first_byte_of(const auth&) {
    return first_byte(packet_type::auth);
}

/// The flags of CONNECT agree with what the payload has [MQTT 5.0, 3.1.2.3].
[[nodiscard]] inline std::uint8_t connect_flags(const connect& p) {
    unsigned flags = p.clean_start ? 0x02 : 0;
    if (p.will) {
        flags |= 0x04u | static_cast<unsigned>(p.will->qos) << 3;
        if (p.will->retain) flags |= 0x20;
    }
    if (p.password) flags |= 0x40;
    if (p.username) flags |= 0x80;
    return static_cast<std::uint8_t>(flags);
}

template <class Out>
void write_body(Out& out, const connect& p, protocol_version) {
    const auto version = p.version;
    out.binary(version == protocol_version::v3 ? "MQIsdp" : "MQTT");
    out.u8(static_cast<std::uint8_t>(
        static_cast<unsigned>(version) | (p.bridge_mode && !is_v5(version) ? 0x80u : 0u)));
    out.u8(connect_flags(p));
    out.u16(p.keep_alive);
    if (is_v5(version)) write_properties(out, p.props);
    out.binary(p.client_id);
    if (p.will) {
        if (is_v5(version)) write_properties(out, p.will->props);
        out.binary(p.will->topic);
        out.binary(p.will->payload);
    }
    if (p.username) out.binary(*p.username);
    if (p.password) out.binary(*p.password);
}

template <class Out>
void write_body(Out& out, const connack& p, protocol_version version) {
    out.u8(p.session_present && version != protocol_version::v3 ? 1 : 0);
    out.u8(p.code);
    if (is_v5(version)) write_properties(out, p.props);
}

/// Without the payload, which may be shared instead of copied.
template <class Out>
void write_body(Out& out, const publish& p, protocol_version version) {
    out.binary(p.topic.text());
    if (p.qos != qos::at_most_once) out.u16(p.packet_id);
    if (is_v5(version)) write_properties(out, p.props);
}

template <class Out>
void write_body(Out& out, const ack& p, protocol_version version) {
    out.u16(p.packet_id);
    if (!is_v5(version) || (p.code == reason_code::success && p.props.empty())) return;
    out.u8(static_cast<std::uint8_t>(p.code));
    if (!p.props.empty()) write_properties(out, p.props);
}

template <class Out>
void write_codes(Out& out, const std::vector<reason_code>& codes) {
    for (const reason_code code : codes)
        out.u8(static_cast<std::uint8_t>(code));
}

template <class Out>
void write_body(Out& out, const subscribe& p, protocol_version version) {
    out.u16(p.packet_id);
    if (is_v5(version)) write_properties(out, p.props);
    for (const subscription& s : p.subscriptions) {
        out.binary(s.filter);
        auto options = static_cast<unsigned>(s.qos);
        if (is_v5(version))
            options |= (s.no_local ? 4u : 0u) | (s.retain_as_published ? 8u : 0u) |
                       static_cast<unsigned>(s.retain_handling) << 4;
        out.u8(static_cast<std::uint8_t>(options));
    }
}

template <class Out>
void write_body(Out& out, const suback& p, protocol_version version) {
    out.u16(p.packet_id);
    if (is_v5(version)) write_properties(out, p.props);
    write_codes(out, p.codes);
}

template <class Out>
void write_body(Out& out, const unsubscribe& p, protocol_version version) {
    out.u16(p.packet_id);
    if (is_v5(version)) write_properties(out, p.props);
    for (const std::string& filter : p.filters)
        out.binary(filter);
}

template <class Out>
void write_body(Out& out, const unsuback& p, protocol_version version) {
    out.u16(p.packet_id);
    if (!is_v5(version)) return;
    write_properties(out, p.props);
    write_codes(out, p.codes);
}

template <class Out>
void write_body(Out&, const pingreq&, protocol_version) {}

template <class Out>
void write_body(Out&, const pingresp&, protocol_version) {}

template <class Out>
void write_body(Out& out, const disconnect& p, protocol_version version) {
    if (!is_v5(version) || (p.code == reason_code::normal_disconnection && p.props.empty())) return;
    out.u8(static_cast<std::uint8_t>(p.code));
    if (!p.props.empty()) write_properties(out, p.props);
}

template <class Out>
void write_body(Out& out, const auth& p, protocol_version) {
    if (p.code == reason_code::success && p.props.empty()) return;
    out.u8(static_cast<std::uint8_t>(p.code));
    write_properties(out, p.props);
}

} // namespace weir::mqtt
