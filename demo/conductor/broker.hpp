#pragma once

#include "conductor/child_process.hpp"
#include "conductor/workspace.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::demo {

/// A port of 127.0.0.1 that nobody listens on at this moment.
[[nodiscard]] std::uint16_t free_loopback_port();

/// A Mosquitto of our own: on a free loopback port, with its own configuration and folder, keeping sessions
/// on disk, and without limits on what it queues for a consumer that is away.
class broker {
  public:
    /// Returns when it accepts connections. Throws `std::runtime_error` with its last words when it does not.
    broker(const std::string& program, const workspace& where);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// Whether somebody has subscribed to all of these, by the broker's own log.
    [[nodiscard]] bool has_subscriptions(const std::vector<std::string>& filters) const;

    [[nodiscard]] bool is_running() { return process_.is_running(); }

  private:
    std::uint16_t port_;
    std::string log_;
    child_process process_;
};

} // namespace weir::demo
