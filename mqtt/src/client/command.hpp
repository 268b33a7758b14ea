#pragma once

#include <weir/mqtt/client.hpp>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

/// The calls a client's owner can make, on their way to the lane.
namespace weir::mqtt::calls {

struct start {};

struct publish {
    outgoing message{};
    client::publish_completion done{};
    std::stop_token cancel{};
    std::function<void()> stored{};
    bool waits{false};     ///< for room, where the policy is `block`
    bool refused{false};   ///< there was no room to keep the message
    bool too_large{false}; ///< and there never will be

    [[nodiscard]] std::size_t size() const noexcept { return message.topic.size() + message.payload.size(); }
};

struct subscribe {
    std::vector<subscription> list{};
    client::subscribe_completion done{};
    properties props{};
    std::stop_token cancel{};
    bool refused{false}; ///< there was no room to keep more than `done`
};

struct unsubscribe {
    std::vector<std::string> filters{};
    client::unsubscribe_completion done{};
    std::stop_token cancel{};
    properties props{};
    bool refused{false};
};

struct cancel {
    operation_id operation{0};
};

/// Somebody who waits for room in the send queue has changed his mind.
struct cancel_waiting {};

struct acknowledge {
    ack_token token{};
    reason_code code{reason_code::success};
    properties props{};
    client::ack_completion done{};
};

struct release {
    std::uint64_t request{0};
};

struct send_ack {
    ack packet{};
    client::ack_completion done{};
    bool refused{false};
};

struct request {
    outgoing message{};
    std::chrono::milliseconds timeout{};
    request_completion done{};
    bool refused{false};
};

struct ping {
    client::ping_completion done{};
    bool refused{false};
};

struct reauthenticate {
    client::reauthenticate_completion done{};
};

struct drop_connection {};

struct pause {};

struct resume {};

struct drain {
    bool everything{false};
    std::function<void()> done{};
};

struct reconnect {};

/// A stop that may be refused.
struct leave {
    reason_code code{reason_code::normal_disconnection};
    properties props{};
    client::leave_completion done{};
};

struct stop {
    reason_code code{reason_code::normal_disconnection};
    properties props{};
    std::function<void()> done{};
};

struct abort {};

using command = std::variant<
    publish, start, subscribe, unsubscribe, cancel, cancel_waiting, acknowledge, release, send_ack, request,
    ping, reauthenticate, pause, resume, drain, reconnect, drop_connection, leave, stop, abort>;

} // namespace weir::mqtt::calls
