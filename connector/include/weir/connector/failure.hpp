#pragma once

#include <weir/connector/inbound.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir::connector {

/// What a failed message means to the broker.
enum class on_failure : std::uint8_t {
    noop,        ///< not acknowledged; the connector brings it again by itself, with backoff, in its slot of
                 ///< the window
    ack,         ///< acknowledged although failed, and counted
    reject,      ///< acknowledged with a reason code of failure: the broker discards it [MQTT-4.4.0-2]; v5
    dead_letter, ///< published to `dead_letter.topic`, and acknowledged when that has arrived
    stop,        ///< the pipeline drains and ends with an error; the message stays unacknowledged
};

/// What follows the last attempt that `redelivery_options::max_attempts` allows.
enum class after_attempts : std::uint8_t {
    hold, ///< left unacknowledged in its slot, others pass; it comes again when the process starts again
    dead_letter,
    ack,
    reject,
    stop,
};

[[nodiscard]] std::string_view to_string(on_failure policy) noexcept;
[[nodiscard]] std::string_view to_string(after_attempts end) noexcept;

/// Whether a message may be rejected with this code [MQTT 5.0, 3.4.2.1, 3.5.2.1].
[[nodiscard]] bool is_rejection(mqtt::reason_code code) noexcept;

/// What is to become of one failed message.
struct failure_decision {
    connector::on_failure action{connector::on_failure::noop};
    std::optional<std::chrono::milliseconds> delay{}; ///< with noop: in place of the backoff
    std::optional<mqtt::reason_code> code{};          ///< with reject: in place of `reject_code`

    failure_decision() = default;

    failure_decision(connector::on_failure a) // NOLINT(google-explicit-constructor): a bare policy is one
        : action(a) {}

    [[nodiscard]] static failure_decision retry(std::chrono::milliseconds after) {
        failure_decision d;
        d.delay = after;
        return d;
    }

    [[nodiscard]] static failure_decision reject(mqtt::reason_code with) {
        failure_decision d(connector::on_failure::reject);
        d.code = with;
        return d;
    }
};

/// Decides about one failed message: the message, why it failed, and how often it was tried. Called on the
/// worker on which it failed, by several at once. What it throws is logged, and counts as `noop`.
using failure_policy =
    std::function<failure_decision(const inbound& message, std::string_view reason, std::uint32_t attempt)>;

/// What is published in place of a message.
enum class dead_letter_form : std::uint8_t {
    payload, ///< its payload; on v5 with its properties, and why it failed as user properties
    json,    ///< an object with topic, payload, error and attempts: on 3.x the only way to say why
};

/// Where dead letters of a pipeline go: over a connection of their own, `<client id>_dl`, since on the one
/// that receives, an answer could lie behind messages that nobody reads yet.
struct dead_letter_topic {
    /// `{topic}` and `{client_id}` stand for those of the message. No filter of `topics` may select it.
    /// Empty: there are no dead letters.
    std::string topic{};
    mqtt::qos qos{mqtt::qos::at_least_once}; ///< 1 or 2: the message is acknowledged when this has arrived
    bool retain{false};
    dead_letter_form form{dead_letter_form::payload};
};

/// How a failed message is brought again (`on_failure::noop`) and how long it may hold back the acks behind
/// it, which the standard wants in order [MQTT-4.6.0-2].
struct redelivery_options {
    std::chrono::milliseconds min{1'000};      ///< before the second attempt, >= 1 ms; doubles, +-20 %
    std::chrono::milliseconds max{60'000};     ///< the longest delay, >= min
    std::uint32_t max_attempts{0};             ///< deliveries of a failing message; 0: no limit
    after_attempts then{after_attempts::hold}; ///< what follows the last one
    /// From its first failure; then its ack is left out so that later ones flow. It keeps its slot, and its
    /// ack is sent when the broker sends the message again on a later connection: when a quarter of the
    /// window waits for that, the connector resumes the session by itself.
    std::chrono::milliseconds skip_after{10'000};
    /// Whether QoS 0 messages come again too. As many as `max_inflight` may wait; the rest is lost.
    bool qos0{false};
};

} // namespace weir::connector
