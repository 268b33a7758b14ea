#pragma once

#include "client/command.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <span>
#include <variant>
#include <vector>

namespace weir::mqtt {

/// Where calls from any thread gather until the lane takes them, all at once. Commands keep their order; acks
/// and demand are sums and travel beside them.
///
/// Bounded: publishes beyond `most_messages` or `most_bytes` keep nothing but their completion, marked
/// refused, and so do calls beyond `most_calls` of one kind (requests: `most_requests`). Acks are bounded by
/// the inbound window, cancellations by the operations, of which each is canceled once. Thread-safe.
class mailbox {
  public:
    struct content {
        std::vector<calls::command> commands;
        std::vector<ack_outcome> acks;
        std::size_t demand{0};
        std::size_t refused{0};       ///< publishes
        std::size_t refused_calls{0}; ///< others
    };

    /// Of subscribe, unsubscribe, ping and send_ack, each.
    static constexpr std::size_t most_calls = 1'000;

    /// With `may_wait`, publishes that wait for room may be as many again.
    mailbox(
        std::size_t most_messages, std::size_t most_bytes, bool may_wait = false,
        std::size_t most_requests = most_calls) noexcept
        : most_messages_(most_messages)
        , most_bytes_(most_bytes)
        , may_wait_(may_wait)
        , most_requests_(most_requests) {}

    // Each returns true when the lane must be woken: once for all that gathers until it takes.
    [[nodiscard]] bool add(calls::command call);
    [[nodiscard]] bool add_publish(calls::publish call);
    [[nodiscard]] bool add_acks(std::span<const ack_outcome> outcomes);
    [[nodiscard]] bool add_demand(std::size_t messages);

    /// Swaps everything gathered into `out`, whose memory is used for the next gathering.
    void take(content& out);

  private:
    [[nodiscard]] bool keep(calls::command& call);
    [[nodiscard]] bool ring() noexcept;

    const std::size_t most_messages_;
    const std::size_t most_bytes_;
    const bool may_wait_;
    const std::size_t most_requests_;
    std::mutex mutex_;
    content gathered_;
    std::size_t messages_{0};
    std::size_t bytes_{0};
    std::array<std::size_t, std::variant_size_v<calls::command>> calls_{}; ///< by kind
    bool rung_{false};
};

} // namespace weir::mqtt
