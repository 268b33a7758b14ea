#pragma once

#include "inbound_record.hpp"
#include "producer_context.hpp"
#include "redelivery.hpp"
#include "settle_counts.hpp"

#include <weir/base/histogram.hpp>
#include <weir/mqtt/client.hpp>
#include <weir/mqtt/lane_timer.hpp>
#include <weir/pipeline/acknowledger.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace weir::connector {

/// Turns outcomes into acks, and failures into further attempts.
///
/// `settle` comes from any worker; it touches nothing that another producer touches, and hands all acks of a
/// call to the client at once. Only failing messages are kept track of, under a lock that successful ones
/// never take.
class mqtt_acknowledger {
  public:
    /// Brings records to the pipeline again; called on the lane.
    using bring_again = std::function<void(std::span<inbound_record* const>)>;

    mqtt_acknowledger(
        const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, histogram& latency,
        bring_again again);

    void settle(std::span<const pipeline::settlement> settlements);

    /// The pipeline stops: nothing is brought again, and what fails from now on is left unacknowledged
    /// without holding back the acks behind it. Lane only, or after the timer was cancelled.
    void drain();

    /// Nothing is called any more, and nothing waits any more. Not from inside a call of `bring_again`.
    void stop();

    /// Messages that failed and wait to be brought again.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

    [[nodiscard]] settle_counts counts() const noexcept { return totals_.get(); }

  private:
    struct round;

    void end(const pipeline::settlement& s, round& r);
    void succeeded(inbound_record& record, round& r);
    void failed(inbound_record& record, const pipeline::settlement& s, round& r);
    void lose(inbound_record& record, const pipeline::settlement& s, round& r);
    void try_again_later(inbound_record& record, std::string_view reason, round& r);
    void leave(inbound_record& record, round& r);
    void forget_failures(const inbound_record& record);
    void finish(inbound_record& record, bool successful, events::ack_action action, time_point now);
    void work_off_due();

    void publish_waiting() noexcept { waiting_.store(failing_.waiting(), std::memory_order_relaxed); }

    void arm_timer();

    const producer_context& context_;
    mqtt::client& client_;
    histogram& latency_;
    bring_again again_;
    settle_totals totals_;

    std::mutex mutex_; ///< of writing the three below
    redelivery failing_;
    bool draining_{false};
    std::atomic<std::size_t> waiting_{0}; ///< what `failing_` says, for readers without the lock

    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
