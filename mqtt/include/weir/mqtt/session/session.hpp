#pragma once

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>
#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::mqtt {

/// What the application decides about a received QoS 1/2 message.
struct ack_outcome {
    enum class decision : std::uint8_t {
        acknowledge, ///< PUBACK or PUBREC, with `code`
        defer,       ///< leave the ack out on this connection, so that those behind it flow [MQTT-4.6.0-2]
        let_go,      ///< as defer, by who will never acknowledge it: sent again, it is delivered anew
    };
    ack_token token{};
    decision verdict{decision::acknowledge};
    reason_code code{
        reason_code::success}; ///< 0x80 and above end the message at the server; v5 only [MQTT-4.4.0-2]
};

/// A message to publish.
struct outgoing {
    bytes topic{};
    bytes payload{};
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool retain{false};
    properties props{};
    /// From the call to the moment it is sent. Waiting for longer ends with `expired`; a QoS 1 or 2 message
    /// that was sent cannot be called back, and without its answer by then ends with `timeout_unconfirmed`.
    std::optional<duration> deadline{};
};

/// What one CONNECT says besides the options, made for it alone.
struct connect_extras {
    std::optional<mqtt::credentials> credentials{};  ///< instead of those of the options
    std::optional<std::optional<mqtt::will>> will{}; ///< instead of that of the options
    std::string auth_method{};                       ///< empty: no enhanced authentication
    auth_message auth{};                             ///< with which that begins
};

/// Counters of one session object; plain reads on the session's lane.
struct session_stats {
    std::uint64_t bytes_received{0};
    std::uint64_t packets_received{0};
    std::uint64_t packets_sent{0};
    std::array<std::uint64_t, 16>
        received_by_type{}; ///< index: the number of the packet type [MQTT 5.0, 2.1.2]
    std::array<std::uint64_t, 16> sent_by_type{};
    std::array<std::uint64_t, 16> received_bytes_by_type{};
    std::array<std::uint64_t, 16> sent_bytes_by_type{};
    std::array<std::uint64_t, dropped::kinds> dropped_by_reason{}; ///< index: the value of `dropped::what`
    std::uint32_t connections{0};                                  ///< accepted so far
    duration ping_round_trip{};      ///< of the last ping answered; zero when none was
    std::size_t send_queue_bytes{0}; ///< of what `send_queue` counts
    std::uint64_t messages_delivered{0};
    std::uint64_t acks_sent{0};     ///< PUBACK and PUBREC
    std::uint64_t duplicates{0};    ///< recognised repetitions, not delivered again
    std::uint64_t stale_acks{0};    ///< of a session that is gone
    std::uint64_t repeated_acks{0}; ///< of a message decided before, or replaced by another of its id
    std::uint64_t unexpected_acks{0};
    std::uint64_t qos0_dropped{0};
    std::uint64_t resent{0};
    std::size_t window_used{0};    ///< delivered and not yet released to the server
    std::size_t acks_held{0};      ///< given by the application, waiting for their turn
    std::size_t unacknowledged{0}; ///< QoS 1/2 messages received, neither PUBACK nor PUBREC sent
    std::size_t deferred{0};
    std::size_t deferred_done{0}; ///< of those: decided since, to be acknowledged when they come again
    std::size_t read_ahead{0};    ///< bytes received and not yet deliverable
    std::size_t qos0_waiting{0};
    std::size_t send_queue{0};       ///< messages waiting for the outbound window or a connection
    std::size_t waiting_for_room{0}; ///< publishes, with the policy `block`
    std::size_t outbound_inflight{0};
    std::uint64_t store_bytes{0};    ///< in use in the session store
    std::uint64_t store_records{0};  ///< in it, of all kinds
    std::uint64_t store_writes{0};   ///< each of all that was ready
    std::uint64_t store_failures{0}; ///< writes that failed, and were tried again
    std::uint64_t stored_done{0};    ///< messages from the store that the application is done with
    std::size_t alias_bytes{0};      ///< of topics that the server has given aliases on this connection

    // How often a bound was reached that is not a drop. Each stands for a time in which something waited.
    std::uint64_t reading_stopped{
        0};                         ///< read-ahead, QoS 0 queue (`pause_reading`) or unread answers were full
    std::uint64_t window_filled{0}; ///< a message could not be handed out, for the window or `receive_bytes`
    std::uint64_t output_filled{0}; ///< publishes waited because 256 KiB were not written yet
    std::uint64_t oversize{0};      ///< packets above `maximum_packet_size`
    std::uint64_t calls_refused{0}; ///< subscribe, unsubscribe, ping and request, with `queue_full`
    std::uint64_t store_refused{
        0};                       ///< publishes that found no room in the store; messages that waited for it
    std::uint64_t forgotten{0};   ///< messages of earlier connections that would be recognised no more
    std::uint64_t events_held{0}; ///< a read brought more than 10,000 events and was taken in parts
};

/// One client session of MQTT 3.1, 3.1.1 or 5.0 without any I/O: bytes, calls and a time go in, bytes and
/// events come out. It has no socket, clock or thread; its shell (`client`) owns those.
///
/// The object outlives connections: `opened` begins one, `closed` ends it, Session State stays
/// [MQTT 5.0, 4.1]. Not thread-safe: all calls come from one lane. Nothing throws but for lack of memory.
class session {
  public:
    /// `options` must have passed `check`.
    explicit session(client_options options);
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    ~session();

    // -- the connection, as the shell sees it

    /// The transport is up: CONNECT is in the output. Fails, and sends nothing, when a CONNECT of the version
    /// in use cannot carry `extras`: with the fault of the will, or `auth_failed`.
    error opened(time_point now, connect_extras extras = {});

    /// Bytes were read, split anywhere. Beyond 10,000 events in one call it stops: then `has_more`, and the
    /// rest comes of calls without bytes, when the events have been told.
    void received(bytes chunk, time_point now, events& out);
    [[nodiscard]] bool has_more() const noexcept;

    /// The transport is gone, for `reason`. Also ends an attempt that never reached `opened` (no effect
    /// then). A session that the server keeps for a time only ends here, too, when that has surely passed:
    /// with the next `ticked`, as `session_lost`.
    void closed(const error& reason, time_point now, events& out);

    /// To be called at or after `deadline()`: pings, timeouts.
    void ticked(time_point now, events& out);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    /// Moves everything that is ready to be written into `out`, which is cleared first.
    void take_output(output_buffer& out);
    [[nodiscard]] bool has_output() const noexcept;

    /// Whether the send queue has room for a message of so many bytes of topic and payload; `publish` does
    /// not fail for want of room then.
    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;

    /// What `take_output` gave has been handed to the transport: QoS 0 publishes are done.
    void written(time_point now, events& out);

    /// False while read-ahead or the QoS 0 queue (policy `pause_reading`) is full: the shell stops reading,
    /// and a missing PINGRESP does not count.
    [[nodiscard]] bool wants_read() const noexcept;

    // -- receiving

    /// Adds to the number of messages the application is ready to take; what waits is delivered at once.
    /// Nothing is handed out beyond it.
    void demand(std::size_t messages, time_point now, events& out);

    /// Paused: deliver nothing; pings, acks and PUBREL go on.
    void pause(time_point now);
    void resume(time_point now, events& out);

    /// The application takes its leave: hands out the QoS 0 messages that wait, which exist nowhere else, and
    /// with `everything` those of QoS 1 and 2 too, whatever the demand. Nothing is handed out after that:
    /// QoS 0 is dropped and counted, the rest is left to the server. Acks, pings and PUBREL go on.
    void drain(bool everything, time_point now, events& out);

    /// Outcomes in any order, repeated, late, from an older connection; the ledger releases what may leave
    /// in the order the standard demands [MQTT-4.6.0-2, 4.6.0-3].
    void acknowledge(std::span<const ack_outcome> outcomes, time_point now, events& out);

    /// One, with `props` (Reason String, User Properties) in its PUBACK or PUBREC, of which the packet leaves
    /// without when the server would not take it so large. From 0x80 on `code` ends the message: the server
    /// neither sends it again [MQTT-4.4.0-2] nor gives it to another subscriber of a shared subscription
    /// [MQTT-4.8.2-6]; nothing in MQTT asks for redelivery. Fails with `unsupported_by_version` on 3.x when
    /// there is anything to say, `already_acked`, `session_lost`; then nothing is sent.
    [[nodiscard]] error acknowledge(
        const ack_token& token, reason_code code, properties props, time_point now, events& out);

    /// Answers `release_requested`: PUBCOMP may go. One that is not known, or no more, does nothing.
    void release(std::uint64_t request, time_point now, events& out);

    /// With raw acks: sends this packet. Fails with `not_connected`, or when the version does not have it.
    [[nodiscard]] error send_ack(const ack& a, time_point now);

    // -- operations. Each is answered by exactly one *_done event, at the latest when the session is aborted.

    /// Queued when there is no connection or no room in the window. Fails at once on a bad topic, a property
    /// the version does not know, or a full queue.
    [[nodiscard]] result<operation_id> publish(outgoing message, time_point now, events& out);
    [[nodiscard]] result<operation_id> subscribe(
        std::vector<subscription> list, properties props, time_point now);
    [[nodiscard]] result<operation_id> unsubscribe(
        std::vector<std::string> filters, time_point now, properties props = {});

    /// Ends an operation with `aborted`, unless it has had its outcome. What was sent is not called back: its
    /// packet id stays taken until the server answers.
    void cancel(operation_id operation, time_point now, events& out);

    /// Sends PINGREQ now, whatever the keep alive does. Fails with `not_connected`.
    [[nodiscard]] result<operation_id> ping(time_point now);

    /// Begins a re-authentication with `first` [MQTT 5.0, 4.12.1]; traffic goes on meanwhile. Fails with
    /// `auth_not_configured`, `busy` while one runs, `not_connected`.
    [[nodiscard]] result<operation_id> reauthenticate(const auth_message& first, time_point now);

    // -- enhanced authentication: what an `auth_challenge` asks for

    /// Sends the answer to a step; or says why that may not be sent, which then is to be judged.
    error authenticate(const auth_message& answer, time_point now);

    /// Whether the exchange has ended well. CONNACK takes effect only now. An error ends the connection.
    void judge(error failed, time_point now, events& out);

    /// Why a DISCONNECT with these may not be sent as things are, or no error: a code or property that is not
    /// a client's, or not the version's; a Session Expiry Interval above 0 where CONNECT had none
    /// [MQTT-3.14.2-2]; more than the server takes, Reason String and User Properties apart, which are then
    /// left out [MQTT-3.14.2-3, 3.14.2-4].
    [[nodiscard]] error check_disconnect(reason_code code, const properties& props) const;

    /// Queues DISCONNECT behind the acks that are ready and asks for the close. One that may not be sent is
    /// left out, and the reason of the close says why: the server then publishes the will.
    void disconnect(reason_code code, properties props, time_point now, events& out);

    /// Ends every pending operation with `aborted`; for the end of the object.
    void abort(events& out);

    [[nodiscard]] bool is_connected() const noexcept;
    [[nodiscard]] const std::string& client_id() const noexcept;
    [[nodiscard]] session_stats stats() const noexcept;

    // -- the store, with options that have one. The shell opens it and carries what the session wants kept;
    // the session sends nothing that depends on it before.

    /// Takes over what an earlier process left, before the first `opened`. `today`: since 1970, at `now`.
    /// Fails with `store_mismatch` when it belongs to another client id, and with `store_corrupt`.
    [[nodiscard]] error restore(
        const store_content& content, time_point now, std::chrono::milliseconds today, events& out);

    /// The changes to be written next, as one; null when there are none or some are being written. Changes
    /// that are gathered meanwhile come the next time.
    [[nodiscard]] std::shared_ptr<const std::vector<store_change>> take_changes(time_point now);

    /// What `take_changes` gave is durable.
    void stored(const store_usage& in_use, time_point now, events& out);

    /// It could not be written. The session tries again by and by; publishes that are not in the store fail.
    void store_failed(const error& why, time_point now, events& out);

    /// Filters granted, with what was asked and what was granted, in the order of the filters.
    [[nodiscard]] std::vector<granted_subscription> subscriptions() const;

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace weir::mqtt
