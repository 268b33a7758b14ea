#pragma once

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/auth/authenticator.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/closing_packet.hpp>
#include <weir/mqtt/session/notice.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a session reports. Every event is a plain value, printable and comparable, so that a test compares
/// what happened with what should have.
namespace weir::mqtt {

/// Names one asynchronous operation (publish, subscribe, unsubscribe) of one session object; never reused.
using operation_id = std::uint64_t;

/// Names one received QoS 1/2 message for acknowledging. `delivery` is never reused, so a stale token can
/// never acknowledge another message; the ledger knows its session and connection. A QoS 0 token is
/// all zero and acknowledging it does nothing.
struct ack_token {
    std::uint64_t delivery{0};
    std::uint16_t packet_id{0};
    mqtt::qos level{mqtt::qos::at_most_once};

    friend bool operator==(const ack_token&, const ack_token&) = default;
};

/// A message handed to the application. `received.topic` is always the full one, aliases resolved.
struct message_received {
    publish received{};
    ack_token token{};
    time_point at{};
    std::uint32_t connection{0}; ///< counts the connections of the session object, from 1
    /// Its number in the session store, which is never used again; 0 when it is not from there. Then
    /// `connection` may be 0 too: an earlier process received it.
    std::uint64_t stored{0};

    friend bool operator==(const message_received&, const message_received&) = default;
};

/// CONNACK accepted. Limits are those the server set for what this client sends, defaults filled in.
struct connected {
    bool session_present{false};
    std::string client_id{}; ///< in use, assigned or own
    std::uint32_t connection{0};
    std::uint16_t keep_alive{0};     ///< seconds in force
    std::uint32_t session_expiry{0}; ///< seconds in force
    std::uint16_t receive_maximum{65'535};
    std::uint32_t maximum_packet_size{268'435'455};
    std::uint16_t topic_alias_maximum{0};
    mqtt::qos maximum_qos{mqtt::qos::exactly_once};
    bool retain_available{true};
    bool wildcard_subscription_available{true};
    bool subscription_identifiers_available{true};
    bool shared_subscription_available{true};
    properties props{}; ///< of the CONNACK, as received

    friend bool operator==(const connected&, const connected&) = default;
};

/// The session the server was to keep is gone [MQTT-3.2.2-5]: acks still outstanding are dropped.
struct session_lost {
    std::size_t unacknowledged{0}; ///< messages the application still holds

    friend bool operator==(const session_lost&, const session_lost&) = default;
};

/// Subscriptions of the session stand on this connection: resubscribed, or resumed. Sent once per connection.
struct session_ready {
    friend bool operator==(const session_ready&, const session_ready&) = default;
};

/// Outcome of a publish: QoS 0 when handed to the transport, QoS 1 at PUBACK, QoS 2 at PUBCOMP or, with
/// `complete_on::pubrec`, at PUBREC.
struct publish_done {
    operation_id operation{0};
    error failed{}; ///< false when it succeeded
    std::uint16_t packet_id{0};
    reason_code code{reason_code::success};
    properties props{};
    bool downgraded{false}; ///< sent with the server's Maximum QoS, by `downgrade_qos`

    friend bool operator==(const publish_done&, const publish_done&) = default;
};

/// Outcome of a subscribe; one code for each filter, in the caller's order. Operation 0: a resubscription.
struct subscribe_done {
    operation_id operation{0};
    error failed{};
    std::vector<subscription> asked{};
    std::vector<reason_code> codes{};
    properties props{};

    friend bool operator==(const subscribe_done&, const subscribe_done&) = default;
};

struct unsubscribe_done {
    operation_id operation{0};
    error failed{};
    std::vector<std::string> filters{};
    std::vector<reason_code> codes{};
    properties props{};

    friend bool operator==(const unsubscribe_done&, const unsubscribe_done&) = default;
};

/// Outcome of a ping.
struct ping_done {
    operation_id operation{0};
    error failed{};
    duration round_trip{};

    friend bool operator==(const ping_done&, const ping_done&) = default;
};

/// The server's turn in an enhanced authentication [MQTT 5.0, 4.12]. The owner of the session answers a
/// `step` with `session::authenticate`, and both a `finish` and the failure of a step with `session::judge`.
struct auth_challenge {
    enum class kind : std::uint8_t { step, finish };
    kind stage{kind::step};
    auth_message received{};

    friend bool operator==(const auth_challenge&, const auth_challenge&) = default;
};

/// Outcome of a re-authentication.
struct reauthenticate_done {
    operation_id operation{0};
    error failed{};

    friend bool operator==(const reauthenticate_done&, const reauthenticate_done&) = default;
};

/// A received QoS 2 message is complete but for PUBCOMP, which waits for `release` (option
/// `confirm_release`): who keeps packet ids of its own forgets this one first [MQTT 5.0, 4.3.3].
struct release_requested {
    std::uint64_t request{0};  ///< for `release`; never reused
    std::uint64_t delivery{0}; ///< of the message's token; 0 when this session does not know the id
    std::uint16_t packet_id{0};

    friend bool operator==(const release_requested&, const release_requested&) = default;
};

/// With raw acks: a PUBREC or PUBREL of the server, which the application has to answer.
struct ack_received {
    ack received{};

    friend bool operator==(const ack_received&, const ack_received&) = default;
};

/// Something was let go and counted. At most one event per kind and call.
struct dropped {
    enum class what : std::uint8_t {
        qos0_buffer_full,     ///< QoS 0 messages, by policy
        drained,              ///< QoS 0 messages that came after `drain`
        stale_ack,            ///< acks of a session that is gone
        duplicate,            ///< repeated PUBLISH recognised and not delivered again
        unexpected_ack,       ///< PUBACK and the like for an unknown id
        over_receive_maximum, ///< taken beyond the window and held back
        payload_format,       ///< refused by validate_payload_format
        unsupported_ack,      ///< acks whose code the version or the packet does not have; nothing was sent
        late_response,        ///< responses nobody waits for (any more)
        stored_publish,       ///< publishes of an earlier process that failed; nobody waits for their outcome
        send_queue_full,      ///< publishes that failed with `queue_full`
        let_go,               ///< messages nobody will acknowledge: not dropped, but left to the server
        too_many_properties,  ///< packets with more than 1,000: messages of QoS 1 and 2 are refused, see
                              ///< `reason_code::quota_exceeded`, anything else ends the connection
    };
    static constexpr std::size_t kinds = static_cast<std::size_t>(what::too_many_properties) + 1;

    what kind{};
    std::size_t count{0};
    std::vector<bytes> topics{}; ///< of QoS 0 messages that were let go: one for each

    friend bool operator==(const dropped&, const dropped&) = default;
};

/// The session is done with this connection: the shell writes what `take_output` still has, then closes.
struct close_requested {
    error reason{};
    bool fatal{false};                    ///< reconnecting by itself makes no sense
    std::string server_reference{};       ///< the server's own, with "use another server" and "server moved"
    std::optional<closing_packet> said{}; ///< by the server, when it was the one to end it

    friend bool operator==(const close_requested&, const close_requested&) = default;
};

using event = std::variant<
    message_received, connected, session_lost, session_ready, publish_done, subscribe_done, unsubscribe_done,
    dropped, close_requested, version_fallback, session_expiry_lowered, granted_lower, ack_overdue, discarded,
    release_requested, ack_received, ping_done, auth_challenge, reauthenticate_done, publish_stored,
    store_trouble, store_opened, stored_done>;
using events = std::vector<event>;

} // namespace weir::mqtt
