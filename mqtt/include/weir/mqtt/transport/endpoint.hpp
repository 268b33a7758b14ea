#pragma once

#include <weir/base/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// What carries the packets.
enum class transport_kind : std::uint8_t { tcp, tls, ws, wss, unix_socket };

[[nodiscard]] std::string_view to_string(transport_kind kind) noexcept;

[[nodiscard]] constexpr bool uses_tls(transport_kind kind) noexcept {
    return kind == transport_kind::tls || kind == transport_kind::wss;
}

[[nodiscard]] constexpr bool uses_websocket(transport_kind kind) noexcept {
    return kind == transport_kind::ws || kind == transport_kind::wss;
}

/// The port that the kind has by custom: 1883 for TCP, 8883 for TLS, 80 and 443 for WebSocket.
[[nodiscard]] std::uint16_t default_port(transport_kind kind) noexcept;

/// Where a broker listens, and how it is spoken to.
struct endpoint {
    transport_kind kind{transport_kind::tcp};
    std::string host{};    ///< name or address, without brackets; the path of the socket file
    std::uint16_t port{0}; ///< never 0 but for a socket file
    std::string path{};    ///< of the WebSocket, where the text had one: "/mqtt"
    std::string query{};   ///< likewise, without the question mark

    /// "localhost:1883", "[::1]:8883", "/run/broker.sock".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// What a text without a scheme or without a port means.
struct endpoint_defaults {
    transport_kind kind{transport_kind::tcp};
    std::uint16_t port{0}; ///< 0: that of the kind
};

/// Reads "name", "name:port", "10.0.0.1", "[::1]:port", "::1", or a URI: `mqtt://` and `tcp://`, `mqtts://`,
/// `ssl://` and `tls://`, `ws://` and `wss://` (with path and query), `unix:///path`. Letters of the scheme
/// may be upper or lower case. A URI names no user: that would end up in logs. `errc::option_invalid` when
/// the text is none of these.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text, endpoint_defaults defaults = {});

} // namespace weir::mqtt
