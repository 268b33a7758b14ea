#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <optional>

/// Whether a client may send something, found out before a byte of it is written: strings and lengths,
/// topics, properties and reason codes, and what the version does not have. The error names the thing and its
/// value. Packet Identifiers, flags the session sets, and the limits a server announces are not looked at.
namespace weir::mqtt {

/// By the version in the packet.
[[nodiscard]] std::optional<error> check_outgoing(const connect& p);

/// An empty topic is well with a Topic Alias. `$share/...` is refused: it names no topic anybody could
/// select.
[[nodiscard]] std::optional<error> check_outgoing(const publish& p, protocol_version version);

[[nodiscard]] std::optional<error> check_outgoing(const ack& p, protocol_version version);
[[nodiscard]] std::optional<error> check_outgoing(const subscribe& p, protocol_version version);
[[nodiscard]] std::optional<error> check_outgoing(const unsubscribe& p, protocol_version version);
[[nodiscard]] std::optional<error> check_outgoing(const disconnect& p, protocol_version version);
[[nodiscard]] std::optional<error> check_outgoing(const auth& p, protocol_version version);

/// One filter with its options.
[[nodiscard]] std::optional<error> check_outgoing(const subscription& s, protocol_version version);

[[nodiscard]] std::optional<error> check_outgoing(const will& w, protocol_version version);

/// The properties of a packet of type `in`, each by id, place, repetition, type and range; on 3.x there must
/// be none.
[[nodiscard]] std::optional<error> check_properties(
    const properties& props, packet_type in, protocol_version version);

} // namespace weir::mqtt
