#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/event.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace weir::mqtt {

/// What the server set in CONNACK for what this client sends; made anew for each connection, so that
/// nothing of an earlier CONNACK survives. What the client set in CONNECT never enters here.
struct server_limits {
    std::uint16_t receive_maximum{65'535};
    std::uint32_t maximum_packet_size{268'435'455};
    std::uint16_t topic_alias_maximum{0};
    qos maximum_qos{qos::exactly_once};
    bool retain_available{true};
    bool wildcard_subscription_available{true};
    bool subscription_identifiers_available{true};
    bool shared_subscription_available{true};

    [[nodiscard]] static server_limits of(const connected& c) noexcept;

    /// Why the server would not take `p`, or nothing.
    [[nodiscard]] std::optional<error> refuse(const publish& p, protocol_version version) const;

    /// Why the server would not take these, size apart.
    [[nodiscard]] std::optional<error> refuse(
        std::span<const subscription> list, const properties& props) const;

    [[nodiscard]] std::optional<error> refuse_size(std::size_t size) const;
};

} // namespace weir::mqtt
