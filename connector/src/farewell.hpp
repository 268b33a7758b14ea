#pragma once

#include "producer_context.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/lane_timer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>

namespace weir::connector {

/// How a member leaves a shared group for good. What the broker has queued for its session would be lost with
/// the session where the broker does not give it to other members. So it unsubscribes first, which ends the
/// queueing, and goes on taking messages until none is left. Lane only, but for `stop`.
class farewell {
  public:
    farewell(const producer_context& context, mqtt::io_lane& lane, mqtt::client& client);

    /// Calls `done` when the broker has nothing more, or cannot be asked.
    void begin(std::function<void()> done);

    /// Nothing is called any more. Any thread but from inside.
    void stop();

  private:
    void ask();
    void answered();
    void finish();
    [[nodiscard]] bool all_is_acknowledged() const;

    const producer_context& context_;
    mqtt::client& client_;
    std::function<void()> done_{};
    bool was_idle_{false};      ///< when it asked last
    std::uint64_t arrivals_{0}; ///< until then
    std::atomic<bool> stopped_{false};
    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
