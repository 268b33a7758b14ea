#pragma once

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/peer.hpp>
#include <weir/mqtt/types/protocol_version.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::mqtt {

/// The first two to five bytes of a packet [MQTT 5.0, 2.1], or what is wrong with them. A fault shows as soon
/// as the byte it lies in has arrived.
struct fixed_header {
    enum class status : std::uint8_t { complete, incomplete, wrong_type, wrong_flags, wrong_length };

    status state{status::incomplete};
    packet_type type{};
    std::uint8_t flags{0};
    std::size_t header_size{0};
    std::uint32_t remaining{0};

    [[nodiscard]] std::size_t packet_size() const noexcept { return header_size + remaining; }
};

/// Into `h`, a fresh one.
void read_fixed_header(
    std::span<const std::byte> data, peer sender, protocol_version version, fixed_header& h) noexcept;

} // namespace weir::mqtt
