#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/client.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

/// How the things of MQTT stand in the JSON that the program writes.
namespace weir::tool {

/// Members keep the order in which they were put.
using json_value = nlohmann::ordered_json;

/// One line with its newline; what is not UTF-8 is replaced.
[[nodiscard]] std::string to_line(const json_value& object);

/// Under the standard's names, as the jsonl sink writes them.
[[nodiscard]] json_value to_json(const mqtt::properties& p);

/// topic, payload (or payload_base64), qos, retain, dup, packet_id when there is one, properties.
[[nodiscard]] json_value to_json(const mqtt::publish& m);

/// Session Present, the values in force and the properties as received.
[[nodiscard]] json_value to_json(const mqtt::connected& c);

/// {"name": "rejected", "text": "..."}.
[[nodiscard]] json_value to_json(const error& e);

/// Steps in milliseconds from the start of the attempt; steps that were not taken are left out.
[[nodiscard]] json_value to_json(const mqtt::connect_timings& t);
[[nodiscard]] json_value to_json(const mqtt::session_stats& s);
[[nodiscard]] json_value to_json(const mqtt::client::cost& c);
[[nodiscard]] json_value to_json(const mqtt::granted_subscription& s);

/// `reason_code` as a number and `reason` as its name; the name of 0 is of the packet's own.
void put_reason(json_value& to, mqtt::reason_code code, std::string_view name_of_zero = "success");

/// The same for what a server said when it refused or ended a connection, with its properties.
void put_reason(json_value& to, const mqtt::closing_packet& p);

/// As the standard counts.
[[nodiscard]] int number_of(mqtt::qos q);

/// Text under `key`, other bytes in base64 under `key_base64`.
void put_bytes(json_value& to, const std::string& key, std::string_view value);

/// With three decimals.
[[nodiscard]] double to_milliseconds(duration d);

} // namespace weir::tool
