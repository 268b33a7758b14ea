#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mqtt {

/// Control Packet types under their numbers of the fixed header [MQTT 5.0, 2.1.2].
enum class packet_type : std::uint8_t {
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    pubrec = 5,
    pubrel = 6,
    pubcomp = 7,
    subscribe = 8,
    suback = 9,
    unsubscribe = 10,
    unsuback = 11,
    pingreq = 12,
    pingresp = 13,
    disconnect = 14,
    auth = 15,
};

/// As the standard writes it, e.g. "PUBLISH"; "unknown" for a value not in the table.
[[nodiscard]] std::string_view to_string(packet_type type) noexcept;

} // namespace weir::mqtt
