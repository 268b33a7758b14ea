#pragma once

#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/fifo.hpp"
#include "session/outbound_window.hpp"
#include "session/outbox.hpp"
#include "session/packet_ids.hpp"
#include "session/send_queue.hpp"
#include "session/server_limits.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/session.hpp>

#include <optional>
#include <vector>

namespace weir::mqtt {

/// The way of published messages to the server: checked, queued, sent as far as window and write buffer go,
/// and each answered by exactly one `publish_done`.
class outbound {
  public:
    /// `ids` and `drops` outlive it.
    outbound(const client_options& options, packet_ids& ids, drop_report& drops);

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
    packet_ids& ids_;
    drop_report& drops_;
    publish_deadlines deadlines_{};
    alias_out aliases_;
    send_queue queue_;
    outbound_window window_;
    std::optional<server_limits> limits_{}; ///< while connected
    std::vector<unacknowledged> encoded_{}; ///< QoS 0 in the output; bounded by its size
    std::vector<unacknowledged> taken_{};   ///< QoS 0 being written
};

} // namespace weir::mqtt
