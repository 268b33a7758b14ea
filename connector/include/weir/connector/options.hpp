#pragma once

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/types/subscription.hpp>
#include <weir/pipeline/options.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
    /// Nothing = auto: send retained messages only when the subscription is new on a lasting v5 session,
    /// else always [K-51].
    std::optional<mqtt::retain_handling> retain_handling{};
};

/// What a processed message means to the broker.
enum class on_success : std::uint8_t {
    ack,  ///< acknowledge: PUBACK, or PUBREC
    noop, ///< nothing: the application acknowledges later through `inbound::acknowledge`
};

/// What a failed message means to the broker.
enum class on_failure : std::uint8_t {
    noop, ///< not acknowledged; the connector brings it again by itself, with backoff, in its slot of the
          ///< window
    ack,  ///< acknowledged although failed, and counted
};

/// How a failed message is brought again (`on_failure::noop`) and how long it may hold back the acks behind
/// it.
struct redelivery_options {
    std::chrono::milliseconds min{1'000}; ///< before the second attempt; doubles, +-20 %
    std::chrono::milliseconds max{60'000};
    std::chrono::milliseconds skip_after{10'000}; ///< then its ack is left out so that later ones flow [K-77]
};

/// The producer: connections to a broker and what is taken from it.
struct producer_options {
    std::vector<topic> topics{};
    std::uint16_t max_inflight{
        100}; ///< unacknowledged QoS 1/2 messages per connection, 1..65,535: the window
    std::optional<std::string>
        shared_group{}; ///< subscribe as $share/<group>/<filter>; required for concurrency > 1
    connector::on_success on_success{connector::on_success::ack};
    connector::on_failure on_failure{connector::on_failure::noop};
    redelivery_options redelivery{};
    /// The client's own options. Two defaults differ here: `clean_start` is false and `session_expiry` is
    /// 86,400 s, so that unacknowledged messages survive a restart; then `clientid` is required.
    mqtt::client_options config{};
    std::size_t concurrency{1}; ///< connections, each with its own client id, session and window
    bool append_index{true};    ///< client id is `<clientid>_<index>`; false only for concurrency 1
    std::optional<std::chrono::milliseconds>
        drain_timeout{}; ///< default: shutdown less 3 s, at least half of it
};

/// A whole pipeline from broker to handler. Checked by `check`, all faults at once.
struct options {
    std::string name{};
    producer_options producer{};
    pipeline::processors_options processors{};
    std::vector<pipeline::batcher_options> batchers{};
    std::chrono::milliseconds shutdown{30'000};
    std::size_t buffer_size{10'000};
    std::shared_ptr<weir::telemetry> telemetry{}; ///< where events go; none: a bus of its own
};

} // namespace weir::connector
