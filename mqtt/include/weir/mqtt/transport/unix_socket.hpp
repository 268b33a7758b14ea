#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <memory>

namespace weir::mqtt {

class io_lane;

/// A stream socket of this machine. The host is the path of the socket file; the port is not looked at.
[[nodiscard]] std::unique_ptr<transport> make_unix_transport(io_lane& lane);

} // namespace weir::mqtt
