#pragma once

#include "output/mqtt_json.hpp"

#include <weir/mqtt/client.hpp>

#include <optional>
#include <string>

namespace weir::tool {

/// An event of the shell but for what all have: its name, and its own fields.
struct named_event {
    std::string name{};
    json_value fields = json_value::object();
};

[[nodiscard]] named_event to_event(
    const mqtt::connected& c, const std::string& endpoint, duration took, mqtt::protocol_version version);
[[nodiscard]] named_event to_event(const mqtt::connection_down& d, bool was_up);
[[nodiscard]] named_event to_event(const mqtt::message_received& m, std::uint64_t number);

/// Nothing for what is told otherwise.
[[nodiscard]] std::optional<named_event> to_event(const mqtt::event& e);

// Fields of outcomes.
[[nodiscard]] json_value fields_of(const mqtt::publish_done& d);
[[nodiscard]] json_value fields_of(const mqtt::subscribe_done& d);
[[nodiscard]] json_value fields_of(const mqtt::unsubscribe_done& d);
[[nodiscard]] json_value fields_of(const mqtt::ping_done& d);

/// Numbers of messages and the like are the shell's; `number` 0 is left out.
[[nodiscard]] json_value fields_of(const mqtt::message_received& m, std::uint64_t number);

} // namespace weir::tool
