#pragma once

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/client_status.hpp>
#include <weir/mqtt/io_lane.hpp>
#include <weir/mqtt/options.hpp>
#include <weir/mqtt/request_response.hpp>
#include <weir/mqtt/session/session.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::mqtt {

/// The end of a connection, or of an attempt at one.
struct connection_down {
    error reason{};
    bool will_retry{false};
    duration retry_in{};      ///< when `will_retry`
    duration uptime{};        ///< zero for an attempt that failed
    std::uint32_t attempt{0}; ///< consecutive failed attempts so far
    std::string endpoint{};   ///< "host:port"
    std::optional<closing_packet>
        said{};          ///< by the server: its CONNACK or DISCONNECT, where that was the end
    duration took{};     ///< of an attempt that failed
    std::string phase{}; ///< of the same: resolve, tcp, unix, proxy, tls, websocket, auth or connack
};

/// When the steps of connecting were done, each counted from the start of the attempt; nothing for a step
/// that was not needed or has not come.
struct connect_timings {
    std::optional<time_point> start{};
    std::optional<duration> resolved{}; ///< the host's name
    std::optional<duration> tcp{};
    std::optional<duration> proxy{};
    std::optional<duration> tls{};
    std::optional<duration> websocket{};
    std::optional<duration> connack{};
    std::optional<duration> suback{}; ///< the first one
};

/// What a client tells its owner. All calls come from the client's lane, one at a time, never from inside a
/// call the owner makes, never after `stop` has returned. They must not block and must not throw.
class client_observer {
  public:
    virtual ~client_observer() = default;

    /// CONNACK accepted. `took` runs from the start of the attempt.
    virtual void on_connected(const connected& info, const std::string& endpoint, duration took);

    /// The connection that comes up is not as safe as it looks: the server's certificate is not verified.
    /// Before `on_connected`, at each connect.
    virtual void on_warning(const std::string& text);

    /// The subscriptions stand: messages flow.
    virtual void on_ready();

    /// A connection that was up is gone; strictly alternates with `on_connected`.
    virtual void on_down(const connection_down& info);

    /// An attempt failed before CONNACK was accepted.
    virtual void on_attempt_failed(const connection_down& info);

    /// Messages from one read, in arrival order, never more than the demand; elements may be moved from.
    virtual void on_messages(std::span<message_received> messages);

    /// Everything else: `session_lost`, `subscribe_done` of a resubscription, `dropped`, and the notices of
    /// notice.hpp.
    virtual void on_event(const event& e);

    /// The client does not try any longer: `gave_up` after the last attempt `reconnect` allows, or the fatal
    /// reason itself. Follows the `on_down` or `on_attempt_failed` that said so. `start` begins anew.
    virtual void on_gave_up(const error& reason);

    /// One of the calls above, or a completion, threw. Messages of an `on_messages` that threw are let
    /// go where the client acknowledges by itself. Must not throw.
    virtual void on_callback_error(const std::string& what) noexcept;

  protected:
    client_observer() = default;
    client_observer(const client_observer&) = default;
    client_observer& operator=(const client_observer&) = default;
};

/// An MQTT client: one session, one transport, one timer, on one lane. It connects, keeps the connection
/// alive, reconnects with backoff and resubscribes by itself until stopped.
///
/// Thread-safe: every member may be called from any thread and from inside callbacks. Completions run on the
/// lane, exactly once each, and never inside the call that took them.
class client {
  public:
    /// What the client did to carry the traffic, of all its connections together.
    struct cost {
        std::uint64_t reads{0};  ///< system calls that yielded bytes
        std::uint64_t writes{0}; ///< system calls that took bytes
        std::uint64_t bytes_read{0};
        std::uint64_t bytes_written{0};
        std::uint64_t turns{0}; ///< times the lane worked for this client
        std::uint64_t wakes{0}; ///< of those, because of calls from outside
    };

    using publish_completion = std::function<void(const publish_done&)>;
    using subscribe_completion = std::function<void(const subscribe_done&)>;
    using unsubscribe_completion = std::function<void(const unsubscribe_done&)>;
    using ping_completion = std::function<void(const ping_done&)>;
    using reauthenticate_completion = std::function<void(const reauthenticate_done&)>;

    /// Throws `std::invalid_argument` naming every fault of `options`. No I/O happens yet. `observer` and
    /// `lane` must outlive the client.
    client(
        io_lane& lane, client_options options, client_observer& observer,
        const time_source& time = real_time());
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Implies `abort` when not stopped.
    ~client();

    /// Begins to connect, and to reconnect whenever the connection is lost. Again after the client gave up;
    /// no effect while it runs, nor after `stop` or `abort`.
    void start();

    // Each operation has one outcome, whatever happens: at the latest `aborted` when the client stops. Calls
    // made before the client is connected wait in the bounded send queue; after it gave up they fail with
    // `not_connected`.

    // A stop that is asked for by `cancel` ends the operation with `aborted`, unless it has had its outcome.
    // What was sent is not called back.

    /// With a session store, `stored` is called when a message of QoS 1 or 2 is in it: it will be sent even
    /// if the process ends now. When the client stops before its answer has come, `done` gets `aborted` all
    /// the same, and the message is sent when a client opens the store again.
    void publish(
        outgoing message, publish_completion done = {}, std::stop_token cancel = {},
        std::function<void()> stored = {});

    /// The same for callers that wait for `done`: with the policy `block` a full send queue makes it wait for
    /// room, in the order of the calls, until the message's deadline (`expired`). `queue_full` only when as
    /// many wait already as the queue holds.
    void publish_when_room(outgoing message, publish_completion done, std::stop_token cancel = {});
    void subscribe(
        std::vector<subscription> list, subscribe_completion done = {}, properties props = {},
        std::stop_token cancel = {});
    void unsubscribe(
        std::vector<std::string> filters, unsubscribe_completion done = {}, std::stop_token cancel = {},
        properties props = {});

    /// Publishes `message` and waits for the message that answers it [MQTT 5.0, 4.10]; v5. Response Topic and
    /// Correlation Data are the client's: responses come under the server's Response Information or
    /// `response_prefix`, on a topic it subscribes to once. A response needs demand as any message does, and
    /// is acknowledged before `done` has it. Fails as a publish does, with `queue_full` beyond
    /// `max_requests`, and with `ack_timeout`.
    void request(outgoing message, std::chrono::milliseconds timeout, request_completion done);

    /// Measures the way to the server and back. Fails with `not_connected`, and with `ack_timeout` when the
    /// answer takes longer than that.
    void ping(ping_completion done);

    /// Proves anew who the client is, with the method of its options, while traffic goes on [MQTT 5.0,
    /// 4.12.1]. Fails with `auth_not_configured`, `not_connected`, `busy` while one is under way. When the
    /// proof fails, the connection ends.
    void reauthenticate(reauthenticate_completion done = {});

    /// Adds to the number of messages the observer is ready to take; nothing is delivered without.
    void demand(std::size_t messages);
    /// Nothing is delivered until `resume`, whatever was or is demanded; pings and acknowledgements go on.
    /// From another thread than the lane's, messages that are on their way to the observer still arrive.
    void pause();
    void resume();

    /// Hands out what must not be lost, then nothing more, as `session::drain`; calls `done` on the lane when
    /// the observer has it all. For an owner that will stop the client once its acknowledgements are written.
    void drain(bool everything, std::function<void()> done = {});

    /// Outcomes from any thread, in any order; one wake-up of the lane for all that gather meanwhile.
    void acknowledge(std::span<const ack_outcome> outcomes);

    using ack_completion = std::function<void(const error&)>;

    /// One, with `props` in its packet, as `session::acknowledge`; `done` is told what came of it.
    void acknowledge(const ack_token& token, reason_code code, properties props, ack_completion done = {});

    /// Answers a `release_requested` event.
    void release(std::uint64_t request);

    /// With raw acks: sends this PUBACK, PUBREC, PUBREL or PUBCOMP.
    void send_ack(ack a, ack_completion done = {});

    /// Takes leave as `stop` does and connects again at once, so that the server sends what is unacknowledged
    /// again [MQTT-4.4.0-1]; told as `on_down` with `local_close` and `will_retry`. No failure: it counts
    /// against nothing. Does nothing unless connected.
    void reconnect();

    /// Closes the connection without DISCONNECT, as a network that breaks does; the client goes on as after
    /// any loss. Nothing happens where there is no connection.
    void drop_connection();

    /// Writes the acks that are ready, sends DISCONNECT, reads to the end of the stream, closes: bounded by
    /// `close_timeout`. Pending operations end with `aborted`. Returns when all is done; from inside a
    /// callback it only requests. Idempotent. A DISCONNECT that may not be sent is left out, so that the
    /// server publishes the will; the reason in `on_down` says why. `leave` refuses it instead.
    void stop(reason_code code = reason_code::normal_disconnection, properties props = {});

    /// The same without waiting: `done` is called on the lane when everything has ended, as the last of all
    /// calls.
    void stop(reason_code code, properties props, std::function<void()> done);

    using leave_completion = std::function<void(const error&)>;

    /// As `stop` without waiting, unless a DISCONNECT with these may not be sent: then nothing happens but
    /// that `done` is told why, and the client goes on. `unsupported_by_version` for a code or property that
    /// 3.x does not have, `property_invalid`, `packet_too_large`; see `session::check_disconnect`.
    void leave(reason_code code, properties props, leave_completion done);

    /// Closes without DISCONNECT: the will fires. Otherwise as `stop`.
    void abort();

    /// Filters that stand at the server, in their order. Who has been told of a change to them finds it
    /// here.
    [[nodiscard]] std::vector<granted_subscription> subscriptions() const;

    /// How the present connection, or the attempt at one, came about.
    [[nodiscard]] connect_timings timings() const;

    /// What it is about. Cheap, and also right inside the calls of the observer.
    [[nodiscard]] client_status status() const noexcept;

    /// As of the last turn of the lane.
    [[nodiscard]] session_stats stats() const;
    [[nodiscard]] cost io_stats() const;

  private:
    class impl;
    std::shared_ptr<impl> impl_;
};

} // namespace weir::mqtt
