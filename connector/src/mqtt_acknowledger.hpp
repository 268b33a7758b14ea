#pragma once

#include "copies.hpp"
#include "failure_log.hpp"
#include "inbound_record.hpp"
#include "key_keeper.hpp"
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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connector {

/// Turns outcomes into acks, and failures into further attempts.
///
/// `settle` comes from any worker; it touches nothing that another producer touches, and hands all acks of a
/// call to the client at once. Only failing messages are kept track of, under a lock that successful ones
/// never take.
class mqtt_acknowledger {
  public:
    /// What others do for it.
    struct services {
        /// Brings records to the pipeline again; called on the lane.
        std::function<void(std::span<inbound_record* const>)> again;
        /// Publishes a dead letter and tells the outcome on the lane.
        std::function<void(const inbound_record&, std::string_view, std::function<void(const error&)>)> bury;
        /// A message of QoS 0 has ended without success. Any thread.
        std::function<void(const inbound_record&)> lost;
        /// The pipeline is to end.
        std::function<void(const error&)> end;
        key_keeper* keys{nullptr}; ///< none: keys do not outlive the process
    };

    mqtt_acknowledger(
        const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, copies& of_messages,
        histogram& latency, services others);

    void settle(std::span<const pipeline::settlement> settlements);

    /// By the application, with `on_success::noop`. Any thread.
    void acknowledged_late(const inbound_record& record);

    /// The pipeline stops: nothing is brought again, and what fails from now on is left unacknowledged
    /// without holding back the acks behind it. Lane only, or after the timer was cancelled.
    void drain();

    /// Nothing is called any more, and nothing waits any more. Not from inside a call of `bring_again`.
    void stop();

    /// The broker has sent messages again: acks that were left out for good or for now are left out anew.
    void repeated();

    /// As many messages of QoS 0 were lost before the pipeline saw them. Any thread.
    void lost_unseen(std::size_t count) { totals_.add({.lost = count}); }

    /// The broker has forgotten the session, and what was held with it.
    void session_lost();

    /// Messages that have a slot of the window and are not in the pipeline.
    [[nodiscard]] std::size_t parked() const noexcept { return parked_.load(std::memory_order_relaxed); }

    [[nodiscard]] settle_counts counts() const noexcept { return totals_.get(); }

  private:
    struct round;

    void end(const pipeline::settlement& s, round& r);
    void succeeded(inbound_record& record, round& r);
    void keep_key(const inbound_record& record, round& r) const;
    void send(round& r);
    void dropped(const inbound_record& record, std::string_view reason, round& r);
    void tell_dropped(const inbound_record& record, std::string_view reason) const;
    void failed(inbound_record& record, const pipeline::settlement& s, round& r);
    void lose(inbound_record& record, std::string_view reason, round& r);
    void count_lost(const inbound_record& record, settle_counts& counts);
    void acknowledge_failed(
        inbound_record& record, mqtt::reason_code code, events::ack_action action, round& r);
    void try_again_later(
        inbound_record& record, std::string_view reason, std::optional<duration> delay, round& r);
    void bury(inbound_record& record, std::string_view reason);
    void buried(inbound_record& record, const std::string& reason, const error& failed);
    void hold(inbound_record& record, round& r);
    void end_pipeline(inbound_record& record, std::string_view reason, round& r);
    void leave(inbound_record& record, events::ack_action action, round& r);
    [[nodiscard]] bool may_wait(const inbound_record& record) const;
    void forget_failures(const inbound_record& record);
    void finish(inbound_record& record, bool successful, events::ack_action action, time_point now);
    void work_off_due();

    [[nodiscard]] std::vector<mqtt::ack_outcome> deferrals(const std::vector<std::uint64_t>& tokens);
    void publish_parked() noexcept;

    void arm_timer();

    const producer_context& context_;
    mqtt::client& client_;
    copies& copies_;
    histogram& latency_;
    services others_;
    settle_totals totals_;
    failure_log log_;

    mutable std::mutex mutex_; ///< of writing those below
    redelivery failing_;
    std::vector<mqtt::ack_token> held_; ///< left unacknowledged for good
    std::size_t burying_{0};            ///< whose dead letters are under way
    bool draining_{false};
    std::atomic<std::size_t> parked_{0}; ///< what those above come to, for readers without the lock

    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
