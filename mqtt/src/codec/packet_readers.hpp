#pragma once

#include "codec/property_codec.hpp"
#include "codec/reader.hpp"

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/packet/peer.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

/// One function for each packet: its body into its struct, with every check that needs no session. The struct
/// is a fresh one. The outcome is in the reader.
namespace weir::mqtt {

struct read_context {
    packet_type type{};
    std::uint8_t flags{0}; ///< lower half of the first byte
    protocol_version version{protocol_version::v5};
    peer sender{peer::server};
    bool problem_information{true};
    std::size_t most_properties{std::numeric_limits<std::size_t>::max()};

    [[nodiscard]] bool is_v5() const noexcept { return version == protocol_version::v5; }

    [[nodiscard]] property_context here() const noexcept {
        return {place_of(type), sender, problem_information, most_properties};
    }
};

void read_packet(reader& r, const read_context& c, connect& out);
void read_packet(reader& r, const read_context& c, connack& out);
void read_packet(reader& r, const read_context& c, publish& out);
void read_packet(reader& r, const read_context& c, ack& out);
void read_packet(reader& r, const read_context& c, subscribe& out);
void read_packet(reader& r, const read_context& c, suback& out);
void read_packet(reader& r, const read_context& c, unsubscribe& out);
void read_packet(reader& r, const read_context& c, unsuback& out);
void read_packet(reader& r, const read_context& c, disconnect& out);
void read_packet(reader& r, const read_context& c, auth& out);

inline void read_packet(reader&, const read_context&, pingreq&) {}

inline void read_packet(reader&, const read_context&, pingresp&) {}

// Parts that several packets have.

/// A Packet Identifier, which is never 0 [MQTT-2.2.1-3].
[[nodiscard]] std::uint16_t read_packet_id(reader& r);

/// A Reason Code that the sender may put into this packet.
[[nodiscard]] reason_code read_code(reader& r, const read_context& c);

/// The properties of the packet itself, on v5 only.
void read_own_properties(reader& r, const read_context& c, properties& out);

} // namespace weir::mqtt
