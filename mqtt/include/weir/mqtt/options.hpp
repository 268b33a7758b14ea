#pragma once

#include <weir/mqtt/auth/authenticator.hpp>
#include <weir/mqtt/store/store_options.hpp>
#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/transport/tcp.hpp>
#include <weir/mqtt/transport/tls.hpp>
#include <weir/mqtt/transport/transport.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/will.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::mqtt {

class session_store;

/// What happens to a QoS 0 message that finds its queue full.
enum class qos0_buffer_policy : std::uint8_t { drop_oldest, drop_newest, keep_latest, pause_reading };

/// What `publish` does when the send queue is full: fail with `queue_full`; make room by dropping the oldest
/// waiting QoS 0 message; or wait for room until the message's deadline, where there is somebody who waits
/// (`client::publish_when_room`, and with it all that a `messenger` publishes): at most as many messages and
/// bytes as the queue holds.
enum class send_queue_policy : std::uint8_t { error, drop_oldest_qos0, block };

/// When a QoS 2 publish has its outcome: when the exchange is complete, or as soon as the server has recorded
/// the message, from where on it cannot be lost [MQTT 5.0, 4.3.3].
enum class complete_on : std::uint8_t { pubcomp, pubrec };

/// Whether what is published without a connection waits for one: everything, all but QoS 0, or nothing. What
/// may not wait fails with `not_connected`.
enum class queue_while_disconnected : std::uint8_t { all, qos0_off, none };

/// Topic aliases for what this client sends: only those set by hand in a message's properties, or chosen by
/// the client for the topics it used last, as many as the server takes [MQTT 5.0, 3.3.2.3.4].
enum class topic_alias_out : std::uint8_t { off, automatic };

/// What becomes of an unanswered publish when the server has lost the session: it is published anew, where it
/// may arrive twice, or fails with `session_lost`, where it may have arrived.
enum class on_session_lost : std::uint8_t { republish, fail };

/// What becomes of a received message above `maximum_packet_size`. `stop`: the connection ends, and when the
/// server sends the same again and again, the client gives up with `oversize_loop`. `discard`: it is read
/// past, acknowledged and told as `discarded`.
enum class oversize : std::uint8_t { stop, discard };

/// In which order PUBACKs leave, and PUBRECs: in that of the messages, as the standard wants it
/// [MQTT-4.6.0-2, 4.6.0-3], or as the application decides, which does not conform.
enum class ack_order : std::uint8_t { protocol, relaxed };

/// Who is responsible for a received QoS 2 message from when on [MQTT 5.0, 4.3.3]. `after_ack`: PUBREC is
/// sent when the application has acknowledged. `store_first`: when the message is in the session store, from
/// where it is delivered until the application has acknowledged, by the next process if need be.
enum class qos2_receive : std::uint8_t { after_ack, store_first };

/// When the subscriptions of the session are made again after a reconnect.
enum class resubscribe : std::uint8_t { if_lost, always, never };

/// In which order an attempt goes round several hosts: as given, shuffled, or as given from the next one on.
enum class host_order : std::uint8_t { ordered, random, round_robin };

/// Who connects.
struct credentials {
    std::optional<std::string> username{};
    std::optional<std::string> password{}; ///< any bytes
};

/// Everything a client can be told beforehand. Names are those of emqtt where it has the option. Durations
/// are monotonic. All fields are checked together by `check` before any I/O.
struct client_options {
    // -- where to connect
    std::string host{"localhost"}; ///< name, address or URI, see `parse_endpoint`
    std::uint16_t port{0};         ///< 0 = the transport's own: 1883, TLS 8883, WebSocket 80 and 443

    /// Several places instead, each as `host`; those without a port take `port`. One attempt goes round them
    /// all, each with its share of `connect_timeout`, before the client waits for the next.
    std::vector<std::string> hosts{};
    mqtt::host_order host_order{mqtt::host_order::ordered};
    bool sticky{true}; ///< a host whose connection lasted for `stable_after` comes first from then on

    /// On refusal with "use another server" or "server moved", the next attempt goes to the server named,
    /// over the same transport and by the same rules of trust; three times in a row at most; v5.
    bool follow_server_reference{false};

    // -- how to connect; a URI says the first two by itself
    bool ssl{false};       ///< over TLS
    bool websocket{false}; ///< over a WebSocket
    tls_options ssl_opts{};
    std::string ws_path{"/mqtt"};
    std::string ws_query{};                                        ///< without the question mark
    std::vector<std::pair<std::string, std::string>> ws_headers{}; ///< of the upgrade, beside the usual ones
    std::string proxy{}; ///< URI of a proxy for TCP, see `parse_proxy`; never printed
    tcp_options tcp_opts{};

    /// Makes the stream below TLS and WebSocket in place of TCP: a serial line, a pipe in memory. Called on
    /// the client's lane for each attempt, needed or not; what it throws fails the attempt with `io_error`.
    std::function<std::unique_ptr<transport>(io_lane&)> byte_stream{};

    // -- who connects
    std::optional<std::string> username{};
    std::optional<std::string> password{}; ///< any bytes; never printed

    /// Asked for each connection, in place of the two above, for tokens that change. Runs away from the
    /// client's lane and may block, as long as `connect_timeout` lets it; when a call took longer, the next
    /// one may begin before it has returned. What it throws fails the attempt with `credentials_failed`.
    std::function<credentials()> credentials_callback{};
    /// Enhanced authentication [MQTT 5.0, 4.12], v5: "SCRAM-SHA-256" or "SCRAM-SHA-512", with user name and
    /// password, of which the password then stays here. Empty: none, or the one of `auth`.
    std::string auth_method{};
    authenticator_factory auth{}; ///< any other method
    std::string clientid{};       ///< empty: drawn at random on 3.x, assigned by the server on v5

    // -- session
    protocol_version proto_ver{protocol_version::v5};
    /// Older versions to try, one after the other, while no connection has been accepted and the server
    /// refuses the version or closes without CONNACK.
    std::vector<protocol_version> proto_fallback{};
    std::optional<bool> clean_start{}; ///< a fresh session when the client starts; default true
    bool clean_start_always{false};    ///< v5: also at every reconnect
    /// A server that speaks of a session this client object knows nothing of is left, and asked for a fresh
    /// one [MQTT-3.2.2-4]; else it is believed, as after a restart of the process.
    bool session_strict{false};
    std::optional<std::uint32_t> session_expiry{}; ///< seconds the server keeps the session; v5; default 0
    std::chrono::seconds keepalive{60};            ///< 0..65,535, 0 = off
    std::optional<std::chrono::milliseconds> ping_timeout{}; ///< default: the smaller of keepalive and 10 s
    bool force_ping{false};                                  ///< ping every keepalive, whatever else is sent
    bool bridge_mode{false};                                 ///< 3.x only
    /// For many connections that are mostly idle: no buffer is held while nothing arrives or leaves, over a
    /// WebSocket 1 KiB. Costs a system call more for each read, and allocations for each write.
    bool low_mem{false};
    std::optional<mqtt::will> will{};
    /// Asked at every connect instead of `will`, where `credentials_callback` is. Nothing: no will. What it
    /// throws fails the attempt with `auth_failed`; a will that CONNECT cannot carry fails it with its fault,
    /// such as `topic_name_invalid`. After a fallback to 3.x its properties are left out, with a warning.
    std::function<std::optional<mqtt::will>()> will_from{};
    /// Further CONNECT properties; v5. One that has an option of its own, such as `receive_maximum`, sets
    /// that option where it is at its default, and has to agree with it where it is not.
    properties props{};

    mqtt::store_options store{}; ///< keeps the session for the next process
    /// Makes the store in place of the one in `store.path`; called once, at the start.
    std::function<std::unique_ptr<session_store>()> store_from{};

    // -- timeouts
    std::chrono::milliseconds connect_timeout{60'000}; ///< start of an attempt to CONNACK
    std::chrono::milliseconds ack_timeout{30'000};     ///< SUBSCRIBE, UNSUBSCRIBE, ping: sent to answered
    std::chrono::milliseconds close_timeout{1'000};    ///< DISCONNECT to end of stream
    std::chrono::milliseconds write_timeout{30'000};   ///< no byte accepted while data waits

    // -- sending
    std::uint16_t max_inflight{100}; ///< unacknowledged QoS 1/2 publishes, 1..65,535
    std::size_t send_queue_messages{10'000};
    std::size_t send_queue_bytes{64u << 20};
    mqtt::send_queue_policy send_queue_policy{mqtt::send_queue_policy::error};
    mqtt::queue_while_disconnected queue_while_disconnected{mqtt::queue_while_disconnected::all};
    bool strict_order{false}; ///< QoS 0 waits behind QoS 1 and 2 that wait for the window
    mqtt::complete_on complete_on{mqtt::complete_on::pubcomp};
    mqtt::on_session_lost on_session_lost_qos1{mqtt::on_session_lost::republish};
    /// Of those without PUBREC; with it, they have arrived.
    mqtt::on_session_lost on_session_lost_qos2{mqtt::on_session_lost::fail};
    mqtt::topic_alias_out topic_alias_out{mqtt::topic_alias_out::off}; ///< v5
    /// How long an unanswered publish waits before `ack_overdue` is told (v5) or it is sent again (3.x;
    /// servers seldom need that, and TCP never); 0 = off.
    std::chrono::milliseconds retry_interval{0};
    bool downgrade_qos{false};           ///< v5: send with the server's Maximum QoS instead of failing
    bool strict_utf8{false};             ///< refuse to send control and non-characters too [MQTT 5.0, 1.5.4]
    bool retry_calls_on_reconnect{true}; ///< else a (un)subscribe that loses its connection fails

    // -- receiving
    mqtt::ack_order ack_order{mqtt::ack_order::protocol};
    bool auto_ack{true}; ///< false: the application acknowledges, after processing
    /// auto_ack = never: PUBACK, PUBREC, PUBREL and PUBCOMP are sent by `send_ack` alone, and received
    /// PUBRECs and PUBRELs are events. For tests of servers: order and repetitions are then the application's
    /// matter.
    bool raw_acks{false};
    mqtt::qos2_receive qos2_receive{mqtt::qos2_receive::after_ack};
    bool confirm_release{false}; ///< PUBCOMP waits until `release` answers `release_requested`
    mqtt::oversize oversize{mqtt::oversize::stop};
    std::uint16_t receive_maximum{100};     ///< inbound window on v5, 1..65,535
    std::uint16_t receive_window{0};        ///< inbound window on 3.x, 0 = none
    std::size_t receive_bytes{64u << 20};   ///< the same window in bytes, all versions
    std::size_t read_ahead_bytes{1u << 20}; ///< received and not yet deliverable, before reading stops
    std::size_t qos0_buffer_messages{1'000};
    std::size_t qos0_buffer_bytes{16u << 20};
    mqtt::qos0_buffer_policy qos0_buffer_policy{mqtt::qos0_buffer_policy::drop_oldest};
    std::uint32_t maximum_packet_size{
        16u << 20};                       ///< a limit that loses messages: servers drop larger ones silently
    std::uint16_t topic_alias_maximum{0}; ///< aliases the server may use; v5
    /// Memory for their topics, 64 KiB for each: no more aliases are offered to the server than fit here.
    std::size_t alias_bytes{256u << 10};
    bool request_problem_information{true};   ///< v5
    bool validate_payload_format{false};      ///< refuse payloads declared UTF-8 that are not; v5
    bool request_response_information{false}; ///< v5: ask the server where responses may go
    std::string response_prefix{};            ///< else, and without an answer: `<prefix>/<client id>`
    std::size_t max_requests{1'000};          ///< without their responses yet
    bool strict_receive_maximum{false};       ///< disconnect a server that exceeds the window, at once
    bool strict_resend{false};                ///< disconnect a server that resends on a live connection

    // -- reconnecting
    std::optional<std::uint32_t>
        reconnect{}; ///< consecutive failed attempts before giving up; nothing = for ever
    /// The same pause before every attempt, in place of the growing one of `backoff_min` and `backoff_max`.
    std::optional<std::chrono::milliseconds> reconnect_timeout{};
    std::chrono::milliseconds backoff_min{1'000};
    std::chrono::milliseconds backoff_max{60'000};
    std::chrono::milliseconds stable_after{10'000}; ///< a connection this old resets the count of attempts
    bool retry_fatal{false};                        ///< retry what is not worth retrying, every backoff_max
    mqtt::resubscribe resubscribe{mqtt::resubscribe::if_lost};
};

/// Whether the session is kept in a store.
[[nodiscard]] inline bool has_store(const client_options& o) {
    return !o.store.path.empty() || o.store_from;
}

/// One fault of an option: `path` as a user writes it ("config.keepalive"), the value (secrets masked) and
/// what is allowed.
struct option_fault {
    std::string path{};
    std::string value{};
    std::string allowed{};

    friend bool operator==(const option_fault&, const option_fault&) = default;
};

/// Every fault of `options`; paths start with `prefix` ("config."). Empty when all is well.
[[nodiscard]] std::vector<option_fault> check(const client_options& options, const std::string& prefix = {});

/// Where options without faults lead: the host or each of the hosts, in the order given.
[[nodiscard]] std::vector<endpoint> routes_of(const client_options& options);

} // namespace weir::mqtt
