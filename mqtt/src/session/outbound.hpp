#pragma once

#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/fifo.hpp"
#include "session/journal.hpp"
#include "session/outbound_window.hpp"
#include "session/outbox.hpp"
#include "session/packet_ids.hpp"
#include "session/send_queue.hpp"
#include "session/server_limits.hpp"
#include "session/stored_form.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/session.hpp>

#include <optional>
#include <vector>

namespace weir::mqtt {

/// The way of published messages to the server: checked, queued, sent as far as window and write buffer go,
/// and each answered by exactly one `publish_done`.
class outbound {
  public:
    /// The references outlive it.
    outbound(const client_options& options, packet_ids& ids, drop_report& drops, journal& kept);

    /// What an earlier process left: before everything else. `today` is the time of day at `now`.
    void restore(stored_outbound content, time_point now, wall_time today, events& ev);

    /// More is durable than before.
    void tell_stored(events& ev);

    void journal_moved(outbox& out) { window_.journal_moved(out); }

    /// Messages of these keys are not stored after all.
    void store_failed(const std::unordered_set<std::uint64_t>& keys, const error& why, events& ev);

    /// Takes the message under the name of `operation`, or says why not.
    [[nodiscard]] std::optional<error> publish(
        operation_id operation, outgoing&& message, time_point now, events& ev);

    /// Another version; nothing was sent so far.
    void change_version(protocol_version version) noexcept {
        version_ = version;
        window_.change_version(version);
    }

    /// CONNACK came: what may be sent on this connection.
    void opened(const server_limits& limits);

    void resume(time_point now, outbox& out, events& ev) {
        window_.at(now);
        window_.resume(out, ev);
    }

    /// Sends what may leave now.
    void pump(time_point now, outbox& out, events& ev);

    /// Ends the operation, if it is one of these, with `aborted`.
    void cancel(operation_id operation, events& ev);

    void ticked(time_point now, outbox& out, events& ev);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    [[nodiscard]] std::optional<close_cause> received(const ack& a, time_point now, outbox& out, events& ev) {
        window_.at(now);
        return window_.received(a, out, ev);
    }

    /// The output was taken to be written, or has been written.
    void output_taken();
    void output_written(events& ev);

    void connection_lost(events& ev);
    void session_lost(events& ev);
    void abort(events& ev);

    /// Whether a message of so many bytes may be queued.
    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept { return queue_.fits(bytes); }

    void fill(session_stats& s) const noexcept;

  private:
    [[nodiscard]] std::optional<error> make_room(std::size_t bytes, events& ev);
    [[nodiscard]] std::optional<error> fault_of(const mqtt::publish& p) const;
    [[nodiscard]] std::optional<error> refuse(queued_publish& m, time_point now) const;
    [[nodiscard]] std::optional<error> refuse_properties(queued_publish& m, time_point now) const;
    [[nodiscard]] bool send(queued_publish* next, time_point now, outbox& out, events& ev);
    [[nodiscard]] bool may_wait(qos level) const noexcept;
    void fail_what_may_not_wait(events& ev);
    void end(operation_id operation, const error& unsent, const error& unanswered, events& ev);
    void fail(const queued_publish& m, error why, events& ev);
    static void fail(operation_id operation, error why, events& ev);
    void report(const queued_publish& m, error why, events& ev);

    // -- with a store
    [[nodiscard]] std::optional<error> record(queued_publish& m);
    void record_those_before(events& ev);
    void launch(queued_publish& m);
    void launch_ahead();
    void forget_record(const queued_publish& m);
    void downgrade(queued_publish& m, time_point now);
    [[nodiscard]] bool may_go(const queued_publish* m) const noexcept;
    [[nodiscard]] queued_publish take(const queued_publish& next);

    struct awaited_store {
        operation_id operation{0};
        journal::mark stored{0};
    };

    /// A QoS 0 message on its way to the transport.
    struct unacknowledged {
        operation_id operation{0};
        bool downgraded{false};
    };

    protocol_version version_;
    send_queue_policy policy_;
    queue_while_disconnected waiting_;
    bool strict_utf8_;
    bool downgrade_;
    bool automatic_aliases_;
    std::size_t window_limit_;
    packet_ids& ids_;
    drop_report& drops_;
    journal& journal_;
    publish_deadlines deadlines_{};
    alias_out aliases_;
    send_queue queue_;
    outbound_window window_;
    std::optional<server_limits> limits_{}; ///< while connected
    std::size_t launched_{0};               ///< messages in the queue that have their packet id
    std::uint64_t next_key_{1};
    fifo<awaited_store> awaited_{}; ///< bounded by the send queue
    time_point start_{};
    wall_time start_of_day_{};              ///< the time of day at `start_`
    std::vector<unacknowledged> encoded_{}; ///< QoS 0 in the output; bounded by its size
    std::vector<unacknowledged> taken_{};   ///< QoS 0 being written
    bool output_filled_{false};             ///< publishes wait for it
    std::uint64_t times_output_filled_{0};
    std::uint64_t store_refused_{0};
};

} // namespace weir::mqtt
