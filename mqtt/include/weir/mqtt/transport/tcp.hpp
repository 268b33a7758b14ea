#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <memory>

namespace weir::mqtt {

class io_lane;

struct tcp_options {
    bool nodelay{true}; ///< send small packets at once instead of gathering them in the kernel
};

/// TCP over IPv4 and IPv6. The host is a name, an IPv4 address or an IPv6 address (brackets allowed); a
/// name's addresses are tried in the resolver's order.
[[nodiscard]] std::unique_ptr<transport> make_tcp_transport(io_lane& lane, tcp_options options);

} // namespace weir::mqtt
