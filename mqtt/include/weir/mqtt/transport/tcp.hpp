#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir::mqtt {

class io_lane;

/// When the kernel asks a silent peer whether it is there: after `idle` for the first time, then every
/// `interval`; after `count` questions without an answer the connection is lost. Whole seconds.
struct tcp_keepalive {
    std::chrono::seconds idle{60};
    std::chrono::seconds interval{10};
    std::uint32_t count{6};

    friend bool operator==(const tcp_keepalive&, const tcp_keepalive&) = default;
};

/// What the operating system is told about a socket. Nothing where a member is empty or zero.
struct tcp_options {
    bool nodelay{true}; ///< send small packets at once instead of gathering them in the kernel
    std::optional<tcp_keepalive> keepalive{};
    std::chrono::milliseconds user_timeout{0}; ///< unacknowledged data ends the connection after that
    std::string bind_address{};                ///< own address to connect from
    std::string bind_interface{};              ///< interface to connect through, "eth0"
    std::uint32_t receive_buffer{0};           ///< bytes the kernel holds back for us, SO_RCVBUF
    std::uint32_t send_buffer{0};              ///< bytes the kernel takes ahead of the peer, SO_SNDBUF

    friend bool operator==(const tcp_options&, const tcp_options&) = default;
};

/// TCP over IPv4 and IPv6. The host is a name, an IPv4 address or an IPv6 address (brackets allowed). The
/// addresses of a name are tried in the resolver's order with the families taking turns, each a quarter of a
/// second after the one before; the first that answers is taken (RFC 8305).
[[nodiscard]] std::unique_ptr<transport> make_tcp_transport(io_lane& lane, tcp_options options);

} // namespace weir::mqtt
