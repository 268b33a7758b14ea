#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <memory>

namespace weir::mqtt {

class io_lane;

struct tcp_options {
    bool nodelay{true}; ///< send small packets at once instead of gathering them in the kernel
};

/// TCP over IPv4 and IPv6. The host is a name, an IPv4 address or an IPv6 address (brackets allowed). The
/// addresses of a name are tried in the resolver's order with the families taking turns, each a quarter of a
/// second after the one before; the first that answers is taken (RFC 8305).
[[nodiscard]] std::unique_ptr<transport> make_tcp_transport(io_lane& lane, tcp_options options);

} // namespace weir::mqtt
