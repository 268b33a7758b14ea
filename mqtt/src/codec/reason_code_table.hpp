#pragma once

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/peer.hpp>
#include <weir/mqtt/types/protocol_version.hpp>

#include <cstdint>

namespace weir::mqtt {

/// Whether `sender` may put `code` into a packet of that type: Reason Codes on v5 [MQTT 5.0, 2.4], return
/// codes on 3.x.
[[nodiscard]] bool is_code_of(
    std::uint8_t code, packet_type type, peer sender, protocol_version version) noexcept;

} // namespace weir::mqtt
