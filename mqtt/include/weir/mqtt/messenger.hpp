#pragma once

#include <weir/base/operation.hpp>
#include <weir/base/run_task.hpp>
#include <weir/base/task.hpp>
#include <weir/mqtt/client.hpp>
#include <weir/mqtt/incoming.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::mqtt {

/// What came of a `messenger::connect_outcome`.
struct connect_done {
    connected info{}; ///< when it did not fail
    error failed{};
    std::optional<closing_packet> said{}; ///< by the server, with which the last attempt or connection ended

    friend bool operator==(const connect_done&, const connect_done&) = default;
};

/// A client for programs: sends messages, and hands out received ones to whoever asks for them, each with the
/// right to acknowledge it. Nothing throws but the constructors; failures are values.
///
/// Every call begins its operation at once and returns it: to be awaited by a coroutine, waited for by a
/// thread, or given a callback (see `weir::operation`). An operation that nobody waits for runs by itself.
///
///     weir::mqtt::messenger m{{.host = "broker.example.com", .auto_ack = false}};
///     if (auto up = co_await m.connect(); !up) ...
///     while (auto message = co_await m.receive()) {
///         store(message->topic(), message->payload());
///         message->ack();
///     }
///
/// Connects again by itself, with backoff, and subscribes again, until it is disconnected. Thread-safe: any
/// member from any thread. What goes on on the client's own lane (coroutines other than `weir::task`,
/// callbacks) must not block.
class messenger {
  public:
    /// On a lane of its own. `listener` is told all but messages, and must outlive this. Throws
    /// `std::invalid_argument` naming every fault of `options`. No I/O happens yet.
    explicit messenger(client_options options, client_observer* listener = nullptr);

    /// On a lane that clients share; it must outlive this.
    messenger(io_lane& lane, client_options options, client_observer* listener = nullptr);

    messenger(messenger&&) noexcept = default;
    messenger& operator=(messenger&&) = delete;

    /// Closes without DISCONNECT, unless it was disconnected; what is pending ends with `aborted`. Also from
    /// inside a coroutine or callback of its own.
    ~messenger();

    // A stop that is asked for by `cancel` ends an operation with `aborted`, unless it has had its outcome.
    // What was sent is not called back.

    /// Begins to connect, and is done when the subscriptions stand; or fails when the client does not try any
    /// longer: with the reason of a fatal refusal, or with `gave_up` after as many failures as the option
    /// `reconnect` allows, which by default is without end. Then it may be called again.
    operation<connected> connect(std::stop_token cancel = {});

    /// Sends what is ready, DISCONNECT, and closes; bounded by `close_timeout`. For good: a new session needs
    /// a new object. Operations that are pending end with `aborted`, and so does receiving.
    /// What may not be sent is refused, see `client::leave`, and everything goes on.
    operation<void> disconnect(reason_code code = reason_code::normal_disconnection, properties props = {});

    /// QoS 0 is done when it was handed to the system, QoS 1 and 2 when the server has answered. Waits for a
    /// connection where there is none. A code of failure in the answer is the error `rejected`, and its text
    /// names the code.
    operation<publish_done> publish(outgoing message, std::stop_token cancel = {});

    /// Copies topic and payload.
    operation<publish_done> publish(
        std::string_view topic, std::string_view payload, qos level = qos::at_most_once, bool retain = false);

    operation<subscribe_done> subscribe(
        std::vector<subscription> list, properties props = {}, std::stop_token cancel = {});
    operation<unsubscribe_done> unsubscribe(std::vector<std::string> filters, std::stop_token cancel = {});
    operation<unsubscribe_done> unsubscribe(
        std::vector<std::string> filters, properties props, std::stop_token cancel = {});

    // The same for programs that want to know what the server said when it said no: the operation itself does
    // not fail, and its value has the error (`failed`) beside reason codes and properties as they came.

    operation<connect_done> connect_outcome(std::stop_token cancel = {});
    operation<publish_done> publish_outcome(outgoing message, std::stop_token cancel = {});
    operation<subscribe_done> subscribe_outcome(
        std::vector<subscription> list, properties props = {}, std::stop_token cancel = {});
    operation<unsubscribe_done> unsubscribe_outcome(
        std::vector<std::string> filters, properties props = {}, std::stop_token cancel = {});

    /// Publishes and yields the response, acknowledged already; see `client::request`. A stop ends only the
    /// waiting: the request goes out all the same and keeps its place among `max_requests` until the response
    /// has come, which is acknowledged and dropped, or `timeout` has passed.
    operation<message_received> request(
        outgoing message, std::chrono::milliseconds timeout, std::stop_token cancel = {});

    /// The way to the server and back. A stop ends only the waiting; the answer that still comes belongs to
    /// this ping and to no later one.
    operation<duration> ping(std::stop_token cancel = {});

    /// See `client::reauthenticate`. A stop ends only the waiting: the proof goes on, another one is `busy`
    /// until it is over, and when it fails the connection ends.
    operation<void> reauthenticate(std::stop_token cancel = {});

    /// The next message, in the order of arrival; several may wait, each gets another one. Up to 256 messages
    /// are fetched ahead once receiving has begun; those of QoS 1 and 2 count against the client's window,
    /// which bounds what is received and not acknowledged. Ends with an error, after the messages that were
    /// fetched, when the client gave up (its reason), and with `aborted` when it was disconnected. Dropped,
    /// it takes no message.
    operation<incoming> receive(std::stop_token cancel = {});

    /// A message, if one is there.
    std::optional<incoming> try_receive();

    /// From now on each message goes to `handler`, on the client's lane. What a handler throws is told to the
    /// listener (`on_callback_error`), and its message is let go. One that moves the message elsewhere
    /// acknowledges later.
    void receive_each(std::function<void(incoming&)> handler);

    /// What its client is about.
    [[nodiscard]] client_status status() const noexcept;

    /// Lines that were kept from the log, because ten of their kind had been written within the second.
    /// Without a listener, warnings and what callbacks throw go there.
    [[nodiscard]] std::uint64_t log_lines_left_out() const noexcept;

    /// What is asked for more rarely: counters, subscriptions, pausing. Its `start`, `stop`, `abort`,
    /// `demand` and `acknowledge` are this object's.
    [[nodiscard]] mqtt::client& client() noexcept;

  private:
    class core;
    std::shared_ptr<core> core_;
};

} // namespace weir::mqtt
