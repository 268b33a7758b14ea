#pragma once

#include "client/command.hpp"

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

namespace weir::mqtt {

/// Where calls from any thread gather until the lane takes them, all at once. Commands keep their order; acks
/// and demand are sums and travel beside them.
///
/// Bounded: publishes beyond `most_messages` or `most_bytes` keep nothing but their completion, marked
/// refused; acks are bounded by the inbound window. Thread-safe.
class mailbox {
  public:
    struct content {
        std::vector<calls::command> commands;
        std::vector<ack_outcome> acks;
        std::size_t demand{0};
        std::size_t refused{0}; ///< publishes
    };

    /// With `may_wait`, publishes that wait for room may be as many again.
    mailbox(std::size_t most_messages, std::size_t most_bytes, bool may_wait = false) noexcept
        : most_messages_(most_messages)
        , most_bytes_(most_bytes)
        , may_wait_(may_wait) {}

    // Each returns true when the lane must be woken: once for all that gathers until it takes.
    [[nodiscard]] bool add(calls::command call);
    [[nodiscard]] bool add_publish(calls::publish call);
    [[nodiscard]] bool add_acks(std::span<const ack_outcome> outcomes);
    [[nodiscard]] bool add_demand(std::size_t messages);

    /// Swaps everything gathered into `out`, whose memory is used for the next gathering.
    void take(content& out);

  private:
    [[nodiscard]] bool ring() noexcept;

    const std::size_t most_messages_;
    const std::size_t most_bytes_;
    const bool may_wait_;
    std::mutex mutex_;
    content gathered_;
    std::size_t messages_{0};
    std::size_t bytes_{0};
    bool rung_{false};
};

} // namespace weir::mqtt
