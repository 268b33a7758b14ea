#pragma once

#include <weir/connector/delivery_tokens.hpp>
#include <weir/connector/failure.hpp>
#include <weir/connector/idempotency.hpp>
#include <weir/connector/policies.hpp>
#include <weir/connector/receipts.hpp>
#include <weir/mqtt/options.hpp>
#include <weir/mqtt/types/subscription.hpp>
#include <weir/pipeline/options.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {
class telemetry;
}

namespace weir::connector {

/// What to subscribe to.
struct topic {
    std::string filter{};
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool no_local{false};
    bool retain_as_published{false};
    /// Nothing = auto: on a lasting v5 session retained messages come only when the subscription is new, so
    /// that a restart does not bring them again; else they come with every subscribing. On 3.x always.
    std::optional<mqtt::retain_handling> retain_handling{};
};

/// What a processed message means to the broker.
enum class on_success : std::uint8_t {
    ack,  ///< acknowledge: PUBACK, or PUBREC
    noop, ///< nothing: the application acknowledges later through `inbound::acknowledge`
};

/// When a QoS 2 message is acknowledged with PUBREC, and who remembers that it was received.
enum class qos2_mode : std::uint8_t {
    /// After it was processed; nobody remembers. A crash between the sink's commit and PUBREC brings it
    /// again.
    after_processing,
    /// When it is in the session store (`config.store`), before it is processed. The store hands it out, by
    /// the next process if need be, until it was processed. A crash after the sink's commit brings it again,
    /// with the same `inbound::delivery_token`; a sink that keeps those (`delivery_tokens`) has it once.
    durable,
    /// After it was processed; the sink remembers, in the transaction of the message's effect, see
    /// `receipts`.
    /// It takes effect once.
    sink,
};

[[nodiscard]] std::string_view to_string(qos2_mode mode) noexcept;
[[nodiscard]] std::string_view to_string(on_success policy) noexcept;

/// The producer: connections to a broker and what is taken from it.
struct producer_options {
    std::vector<topic> topics{};
    std::uint16_t max_inflight{
        100}; ///< unacknowledged QoS 1/2 messages per connection, 1..65,535: the window
    std::optional<std::string>
        shared_group{}; ///< subscribe as $share/<group>/<filter>; required for concurrency > 1
    connector::on_success on_success{connector::on_success::ack};
    connector::on_failure on_failure{connector::on_failure::noop};
    connector::failure_policy failure_policy{}; ///< asked in place of `on_failure`, for each failed message
    mqtt::reason_code reject_code{mqtt::reason_code::unspecified_error}; ///< what `reject` says; v5
    redelivery_options redelivery{};
    dead_letter_topic dead_letter{}; ///< needed where anything above can choose it
    qos2_mode qos2{qos2_mode::after_processing};
    std::shared_ptr<connector::receipts> receipts{}; ///< of the sink that `qos2_mode::sink` speaks of
    /// Of a sink that keeps the tokens of `qos2_mode::durable`; with them each message takes effect once.
    std::shared_ptr<connector::delivery_tokens> tokens{};
    idempotency_options idempotency_key{};
    /// The client's own options. Two defaults differ here: `clean_start` is false and `session_expiry` is
    /// 86,400 s, so that unacknowledged messages survive a restart; then `clientid` is required. Five fields
    /// are the connector's own and must be left alone: `auto_ack`, `receive_maximum` and `receive_window`
    /// follow from `max_inflight`, `confirm_release` and `qos2_receive` from `qos2`; and
    /// `config.max_inflight` is refused, since it would be a second window of the same name.
    mqtt::client_options config{};
    std::size_t concurrency{1}; ///< connections, each with its own client id, session and window
    bool append_index{true};    ///< client id is `<clientid>_<index>`; false only for concurrency 1
    /// How long a stop waits for messages in the pipeline; the rest of `shutdown` is for closing the
    /// connections. Default: `shutdown` less 3 s, at least half of it.
    std::optional<std::chrono::milliseconds> drain_timeout{};
    /// The window is full and no slot was freed for this long: the event `window.stalled` tells which message
    /// blocks, again after twice as long, and so on; >= 1 ms.
    std::chrono::milliseconds stall_after{30'000};
    /// Messages whose Message Expiry Interval [MQTT 5.0, 3.3.2.3.3] has passed while they waited here are
    /// acknowledged and not delivered.
    bool drop_expired{false};
    /// Nothing = automatic: `dedup` where it is possible, which is on v5 without `config.proto_fallback` and
    /// without shared subscriptions; else `reject`.
    std::optional<connector::overlap> overlap{};
    connector::unmatched unmatched{connector::unmatched::deliver};
    std::vector<std::string> unsubscribe{}; ///< filters an older configuration may have left in the session
    connector::subscription_policy subscription_policy{connector::subscription_policy::all};
    bool strict_qos{false}; ///< a filter granted with a lower QoS than asked for counts as refused
    connector::startup startup{connector::startup::background};
    std::chrono::milliseconds startup_timeout{30'000}; ///< of `startup::wait`, >= 1 ms
    connector::on_fatal on_fatal{connector::on_fatal::stop};
    connector::on_stop on_stop{connector::on_stop::keep};
};

/// A whole pipeline from broker to handler. Checked by `check`, all faults at once.
///
/// All but `producer` and `telemetry` are the pipeline's own options under their own names. When a message
/// fails, they come first: the attempts of `retry`, which keep the message's slot of the window, then
/// `handle_dead_letter`. Only what is settled as failed or abandoned after that is `producer.on_failure`'s:
/// with `noop` the connector brings the message again, and all of `retry` begins anew.
///
/// What the pipeline's `overflow` drops at QoS 1 and 2 comes again too; QoS 0 has a buffer of its own before
/// that, `producer.config.qos0_buffer_messages`. The pipeline's `restarts` are not here: the client connects
/// again by itself, and what it gives up for ends the pipeline.
struct options {
    std::string name{};
    producer_options producer{};
    pipeline::processors_options processors{};
    std::vector<pipeline::batcher_options> batchers{};
    pipeline::retry_options retry{};
    pipeline::dead_letter_options dead_letter{};
    std::chrono::milliseconds shutdown{30'000}; ///< bounds the whole of a stop
    std::size_t buffer_size{10'000};
    pipeline::overflow_options overflow{};
    pipeline::rate_limiting_options rate_limiting{};
    pipeline::circuit_breaker_options circuit_breaker{};
    std::shared_ptr<weir::telemetry> telemetry{}; ///< where events go; none: a bus of its own
};

using option_fault = pipeline::option_fault;

/// Every fault, those of the pipeline's and the client's options included, with paths as they stand in a
/// configuration file: "producer.topics[0].filter". `handler` tells what the handler can do.
[[nodiscard]] std::vector<option_fault> check(const options& o, const pipeline::handler_abilities& handler);

/// The same options with every default that depends on another one replaced by the value in force.
[[nodiscard]] options effective(options o);

/// "path: value: what is allowed", one fault a line.
[[nodiscard]] std::string describe(const std::vector<option_fault>& faults);

/// What deserves a word although it is allowed, such as a session that does not outlive the process. Logged
/// at start.
[[nodiscard]] std::vector<std::string> warnings(const options& o);

/// What the broker, the session and these options together promise for each topic, in one sentence for each
/// QoS that is subscribed with. Logged at start.
[[nodiscard]] std::vector<std::string> guarantees(const options& o);

/// The same when it is only known whether the sink will keep delivery tokens.
[[nodiscard]] std::vector<std::string> guarantees(const options& o, bool keeps_tokens);

/// What `overlap` comes to.
[[nodiscard]] overlap overlap_in_force(const producer_options& o);

/// The client id producer `index` uses.
[[nodiscard]] std::string client_id(const producer_options& o, std::size_t index);

/// The filters as they are sent to the broker, in the order of `topics`.
[[nodiscard]] std::vector<mqtt::subscription> subscriptions(const producer_options& o);

/// The options of producer `index`'s client. `o` must be `effective`.
[[nodiscard]] mqtt::client_options client_options(const producer_options& o, std::size_t index);

/// Those of the client that publishes the dead letters of producer `index`: the same broker and credentials,
/// a session that ends with the connection.
[[nodiscard]] mqtt::client_options dead_letter_client_options(const producer_options& o, std::size_t index);

} // namespace weir::connector
