#pragma once

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/types/property.hpp>

#include <cstdint>

namespace weir::mqtt {

/// The packet with which a server refused or ended a connection.
struct closing_packet {
    packet_type type{packet_type::connack}; ///< or DISCONNECT
    std::uint8_t code{0};                   ///< a `reason_code`; on 3.x a `connect_return_code`
    properties props{};

    friend bool operator==(const closing_packet&, const closing_packet&) = default;
};

} // namespace weir::mqtt
