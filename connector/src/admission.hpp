#pragma once

#include "producer_context.hpp"

#include <weir/mqtt/session/event.hpp>

#include <atomic>
#include <cstdint>

namespace weir::connector {

/// Which received messages do not go to the pipeline, by the options `drop_expired` and `unmatched`. Lane
/// only, but for the counts.
class admission {
  public:
    explicit admission(const producer_context& context);

    /// Whether there is anything to look at: most producers take everything.
    [[nodiscard]] bool looks() const noexcept;

    /// Whether the message is to be acknowledged and let go. Tells the bus of what is out of the ordinary.
    [[nodiscard]] bool turns_away(const mqtt::message_received& m, time_point now);

    [[nodiscard]] std::uint64_t expired() const noexcept { return expired_.load(std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t unmatched() const noexcept {
        return unmatched_.load(std::memory_order_relaxed);
    }

  private:
    [[nodiscard]] bool is_expired(const mqtt::message_received& m, time_point now) const;
    [[nodiscard]] bool is_unmatched(const mqtt::message_received& m) const;

    const producer_context& context_;
    const bool acknowledges_unmatched_;
    std::atomic<std::uint64_t> expired_{0};
    std::atomic<std::uint64_t> unmatched_{0}; ///< of those acknowledged
};

} // namespace weir::connector
