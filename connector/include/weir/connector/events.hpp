#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What a pipeline fed from a broker reports on its bus. Views are valid during the call only. For each
/// producer `connection.up` and `connection.down` alternate, and every `receive_message.start` has exactly
/// one `receive_message.ack` with the same `message_no`.
namespace weir::connector::events {

/// Part of every event: whose it is, and when.
struct origin {
    std::string_view pipeline{};
    std::size_t producer_index{0};
    std::string_view client_id{};
    time_point time{};               ///< monotonic
    system_time_point system_time{}; ///< wall clock
};

/// A producer begins: its first attempt to connect follows.
struct producer_init {
    static constexpr std::string_view event_name = "producer.init";
    events::origin origin{};
};

/// A producer is done, its connection closed.
struct producer_terminate {
    static constexpr std::string_view event_name = "producer.terminate";
    events::origin origin{};
    error reason{}; ///< false for an orderly stop
};

/// What a connection allows, as its CONNACK and the options have it.
struct server_limits {
    std::uint16_t keep_alive{0};          ///< seconds in force; 0: none
    std::uint32_t session_expiry{0};      ///< seconds in force
    std::uint16_t receive_maximum{0};     ///< publishes the broker takes unanswered
    std::uint32_t maximum_packet_size{0}; ///< bytes the broker takes
    std::uint16_t topic_alias_maximum{0}; ///< aliases the broker takes
    mqtt::qos maximum_qos{};              ///< of publishes to it
    bool retain{true};
    bool wildcard_subscriptions{true};
    bool subscription_identifiers{true};
    bool shared_subscriptions{true};
};

/// CONNACK accepted.
struct connection_up {
    static constexpr std::string_view event_name = "connection.up";
    events::origin origin{};
    duration took{}; ///< from the start of the attempt
    std::string_view endpoint{};
    mqtt::protocol_version version{}; ///< in force, after `config.proto_fallback` too
    bool session_present{false};
    server_limits limits{};
};

/// A connection that was up is gone; a stop ends with the reason `mqtt::errc::local_close`.
struct connection_down {
    static constexpr std::string_view event_name = "connection.down";
    events::origin origin{};
    duration uptime{};
    std::size_t unacknowledged{0}; ///< QoS 1 and 2 messages received and not yet acknowledged
    error reason{};
    bool will_retry{false};
    duration delay{}; ///< until the next attempt
};

/// An attempt ended before CONNACK was accepted.
struct connection_attempt_failed {
    static constexpr std::string_view event_name = "connection.attempt_failed";
    events::origin origin{};
    duration took{};          ///< from the start of the attempt
    std::uint32_t attempt{0}; ///< consecutive failures so far
    /// Where it failed: resolve, tcp, unix, proxy, tls, websocket, auth or connack.
    std::string_view phase{};
    std::string_view endpoint{};
    error reason{};
    bool will_retry{false};
    duration delay{};
};

/// The broker granted a filter.
struct subscription_success {
    static constexpr std::string_view event_name = "subscription.success";
    events::origin origin{};
    std::string_view topic{};  ///< as configured
    std::string_view filter{}; ///< as sent, with the shared group
    mqtt::qos requested_qos{};
    mqtt::qos granted_qos{};
};

/// The broker refused a filter, or the subscription could not be made.
struct subscription_error {
    static constexpr std::string_view event_name = "subscription.error";
    events::origin origin{};
    std::string_view topic{};
    std::string_view filter{};
    error reason{};
};

/// What both events of a received message tell.
struct message_info {
    std::string_view topic{};
    mqtt::qos qos{};
    std::uint16_t packet_id{0};  ///< 0 at QoS 0
    std::uint64_t message_no{0}; ///< counts the producer's messages from 1: pairs start and ack
    bool dup{false};
};

/// A message goes to the pipeline for the first time.
struct receive_message_start {
    static constexpr std::string_view event_name = "receive_message.start";
    events::origin origin{};
    message_info message{};
    std::size_t payload_bytes{0};
};

/// What became of a message as far as the broker is concerned.
enum class ack_action : std::uint8_t {
    ack,         ///< acknowledged (nothing to send at QoS 0)
    noop,        ///< by policy nothing is sent
    reject,      ///< acknowledged with a reason code of failure
    dead_letter, ///< published elsewhere, then acknowledged
    hold,        ///< left unacknowledged after its last attempt
    stop,        ///< left unacknowledged; it ends the pipeline
    aborted,     ///< the pipeline stops: left unacknowledged
};

[[nodiscard]] std::string_view to_string(ack_action action) noexcept;

/// The end of a message; attempts that are followed by a redelivery have none.
struct receive_message_ack {
    static constexpr std::string_view event_name = "receive_message.ack";
    events::origin origin{};
    message_info message{};
    duration took{};        ///< since its start
    bool successful{false}; ///< which of `on_success` and `on_failure` decided
    ack_action action{ack_action::ack};
    std::uint32_t attempt{1};
};

/// A failed message will be brought again.
struct message_retry {
    static constexpr std::string_view event_name = "message.retry";
    events::origin origin{};
    message_info message{};
    std::uint32_t attempt{1}; ///< the one that failed
    duration delay{};
    std::string_view reason{};
};

/// A failed message was published to the topic for dead letters, and is acknowledged now.
struct message_dead_letter {
    static constexpr std::string_view event_name = "message.dead_letter";
    events::origin origin{};
    message_info message{};
    std::uint32_t attempts{1};
    std::string_view reason{};
};

/// Messages were let go unprocessed. What the client lets go is told once a second at most for each filter,
/// with one of these reasons: `qos0_buffer_full`, `draining` (both QoS 0 only), `packet_too_large`
/// (`config.oversize` is `discard`), `payload_format` (`config.validate_payload_format`). A QoS 0 message
/// that failed for good has the reason it failed for, and one that the decoder has dropped what the decoder
/// says (`weir::drop`).
struct message_dropped {
    static constexpr std::string_view event_name = "message.dropped";
    events::origin origin{};
    std::string_view reason{};
    std::string_view filter{}; ///< the first one configured that selects their topic; empty: none, or unknown
    std::size_t count{0};
};

/// The Message Expiry Interval of a message has passed while it waited here: acknowledged and not delivered.
struct message_expired {
    static constexpr std::string_view event_name = "message.expired";
    events::origin origin{};
    message_info message{}; ///< without a number
    duration waited{};
};

/// No configured filter selects a message; told only where somebody listens or `unmatched` says so.
struct message_unmatched {
    static constexpr std::string_view event_name = "message.unmatched";
    events::origin origin{};
    message_info message{};   ///< without a number
    bool acknowledged{false}; ///< and not delivered
};

/// The broker sent messages again that are in work or done: recognised, not delivered again.
struct message_duplicate {
    static constexpr std::string_view event_name = "message.duplicate";
    events::origin origin{};
    std::size_t count{0};
};

/// The broker keeps the session for a shorter time than asked for; in seconds.
struct session_limited {
    static constexpr std::string_view event_name = "session.limited";
    events::origin origin{};
    std::uint32_t asked{0};
    std::uint32_t granted{0};
};

/// Every slot of the window is taken and none was freed for `stall_after`; again after twice as long, and so
/// on. The message is the oldest that has not ended; none when all wait for `inbound::acknowledge`.
struct window_stalled {
    static constexpr std::string_view event_name = "window.stalled";
    events::origin origin{};
    message_info message{};
    duration age{};           ///< of that message, since it came
    std::uint32_t attempt{0}; ///< of it
    std::size_t acks_held{0}; ///< that wait for their turn
    duration stalled_for{};
};

/// After `window_stalled`: a slot was freed.
struct window_resumed {
    static constexpr std::string_view event_name = "window.resumed";
    events::origin origin{};
};

/// The broker sent more unacknowledged messages than the window admits; told once a connection. They wait
/// here, unprocessed, until there is room.
struct window_exceeded {
    static constexpr std::string_view event_name = "window.exceeded";
    events::origin origin{};
};

/// The session store takes nothing at present: what depends on it waits, up to all acknowledgements of QoS 2.
struct store_full {
    static constexpr std::string_view event_name = "store.full";
    events::origin origin{};
    error reason{}; ///< `mqtt::errc::store_full`, or why else it cannot be written
};

/// After that: it takes records again.
struct store_recovered {
    static constexpr std::string_view event_name = "store.recovered";
    events::origin origin{};
};

/// The broker no longer knew the session: messages still in the pipeline are finished, their acks dropped.
struct session_lost {
    static constexpr std::string_view event_name = "session.lost";
    events::origin origin{};
    std::size_t unacknowledged{0}; ///< may come twice, or not again
};

/// Acks of a lost session were dropped.
struct ack_stale {
    static constexpr std::string_view event_name = "ack.stale";
    events::origin origin{};
    std::size_t count{0};
};

} // namespace weir::connector::events
