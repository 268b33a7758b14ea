#pragma once

#include "producer_context.hpp"
#include "receipt_keeper.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/lane_timer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace weir::connector {

/// What `qos2_mode::sink` asks of a producer: PUBCOMP waits for the store to forget a message, and the first
/// messages of a new session wait for the store to forget those of the old one. Lane only, but for `settle`
/// and `stop`.
class receipt_gate {
  public:
    /// Takes messages that were held back.
    using hand_on = std::function<void(std::span<mqtt::message_received>)>;

    receipt_gate(const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, hand_on to);

    void connected(bool session_present);

    void release(const mqtt::release_requested& r) { keeper_.release(r.request, r.packet_id); }

    /// Whether it keeps the messages for later. As many at most as the pipeline asked for.
    [[nodiscard]] bool holds(std::span<mqtt::message_received> messages);

    /// Calls `done` when nothing is held back: at once, as a rule.
    void when_open(std::function<void()> done);

    /// Waits until the store has forgotten what the broker has ended. Any thread.
    void settle(time_point deadline) { keeper_.settle(deadline); }

    /// Any thread but the lane. Messages still held back are dropped: the broker has them. Waits for the
    /// store until `deadline` at most.
    void stop(time_point deadline);

  private:
    void open();

    hand_on to_;
    std::uint64_t resets_{0};            ///< asked for
    std::atomic<std::uint64_t> done_{0}; ///< the last one that was done
    std::vector<mqtt::message_received> held_;
    std::function<void()> when_open_;
    mqtt::lane_timer opening_;
    receipt_keeper keeper_;
};

} // namespace weir::connector
