#include "codec/fixed_header.hpp"

#include "codec/varint.hpp"

namespace weir::mqtt {
namespace {

constexpr std::uint32_t bit(packet_type t) noexcept {
    return 1u << static_cast<unsigned>(t);
}

constexpr std::uint32_t both_send = bit(packet_type::publish) | bit(packet_type::puback) |
                                    bit(packet_type::pubrec) | bit(packet_type::pubrel) |
                                    bit(packet_type::pubcomp);
constexpr std::uint32_t client_sends = both_send | bit(packet_type::connect) | bit(packet_type::subscribe) |
                                       bit(packet_type::unsubscribe) | bit(packet_type::pingreq) |
                                       bit(packet_type::disconnect);
constexpr std::uint32_t server_sends = both_send | bit(packet_type::connack) | bit(packet_type::suback) |
                                       bit(packet_type::unsuback) | bit(packet_type::pingresp);
constexpr std::uint32_t v5_server_sends =
    server_sends | bit(packet_type::disconnect) | bit(packet_type::auth);
constexpr std::uint32_t v5_client_sends = client_sends | bit(packet_type::auth);

constexpr std::uint32_t flags_0010 =
    bit(packet_type::pubrel) | bit(packet_type::subscribe) | bit(packet_type::unsubscribe);

bool is_type_of(packet_type type, peer sender, protocol_version version) noexcept {
    const bool v5 = version == protocol_version::v5;
    const auto types = sender == peer::client ? (v5 ? v5_client_sends : client_sends)
                                              : (v5 ? v5_server_sends : server_sends);
    return (types & bit(type)) != 0;
}

bool are_flags_of(packet_type type, std::uint8_t flags, protocol_version version) noexcept {
    if (type == packet_type::publish) return true; // its own reader knows what they mean
    const std::uint8_t expected = (bit(type) & flags_0010) != 0 ? 0b0010 : 0;
    // MQTT 3.1 marks a repeated packet of these three with DUP [MQTT 3.1, 2.1].
    const std::uint8_t dup = version == protocol_version::v3 && expected != 0 ? 0b1000 : 0;
    return (flags & ~dup) == expected;
}

/// Packets without variable parts are judged by their length alone, before a body of any size is waited for.
std::uint32_t longest_body(packet_type type, protocol_version version) noexcept {
    if (type == packet_type::pingreq || type == packet_type::pingresp) return 0;
    if (version == protocol_version::v5) return max_varint;
    switch (type) {
    case packet_type::connack:
    case packet_type::puback:
    case packet_type::pubrec:
    case packet_type::pubrel:
    case packet_type::pubcomp:
    case packet_type::unsuback: return 2;
    case packet_type::disconnect: return 0;
    default: return max_varint;
    }
}

} // namespace

void read_fixed_header(
    std::span<const std::byte> data, peer sender, protocol_version version, fixed_header& h) noexcept {
    if (data.empty()) return;
    const auto first = static_cast<std::uint8_t>(data[0]);
    h.type = static_cast<packet_type>(first >> 4);
    h.flags = first & 0x0F;
    if (!is_type_of(h.type, sender, version)) {
        h.state = fixed_header::status::wrong_type;
        return;
    }
    if (!are_flags_of(h.type, h.flags, version)) {
        h.state = fixed_header::status::wrong_flags;
        return;
    }
    const auto length = read_varint(data.subspan(1));
    h.header_size = 1u + length.size;
    h.remaining = length.value;
    if (length.state == varint::status::incomplete) return;
    const bool bad = length.state == varint::status::too_long ||
                     (!length.minimal && version == protocol_version::v5) || // 3.x does not forbid it
                     length.value > longest_body(h.type, version);
    h.state = bad ? fixed_header::status::wrong_length : fixed_header::status::complete;
    return;
}

} // namespace weir::mqtt
