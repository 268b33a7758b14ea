#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/time.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/message.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::sinks {

/// What sinks take: a message whose data is the bytes to store.
using message = pipeline::message<bytes, connector::inbound>;

/// What `handle_dead_letter` is given.
using dead_letter = pipeline::dead_letter<connector::inbound>;

/// The facts of one message that a sink stores. Views into the message; valid as long as it is.
struct record {
    std::string_view topic{};
    std::string_view payload{}; ///< any bytes
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool retain{false};
    bool dup{false};
    std::string_view client_id{};
    system_time_point received_at{};
    std::uint32_t attempt{1};
    const mqtt::properties* properties{nullptr};      ///< null as empty
    std::optional<connector::receipt> receipt{};      ///< to be stored with it, see `connector::receipts`
    std::optional<connector::delivery_token> token{}; ///< the same, see `connector::delivery_tokens`
};

/// The payload is the message's data as the handler left it; everything else is as received.
[[nodiscard]] record to_record(const message& m);

/// A message that was given up, as it was received; `attempt` is how often it was tried.
[[nodiscard]] record to_record(const dead_letter& letter);

} // namespace weir::sinks
