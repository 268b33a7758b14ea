#include "mqtt_json.hpp"

#include <weir/base/text.hpp>
#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/types/errc_name.hpp>
#include <weir/sinks/json.hpp>

#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace weir::tool {

namespace {

/// What the code says, as a name: "no_space_left_on_device".
std::string in_words(const std::error_code& code) {
    std::string name;
    bool between = false;
    for (const char c : code.message()) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) == 0) {
            between = !name.empty();
            continue;
        }
        if (std::exchange(between, false)) name += '_';
        name += static_cast<char>(std::tolower(u));
    }
    return name;
}

std::string name_of(const std::error_code& code) {
    if (code.category() == mqtt::error_category())
        return std::string(mqtt::to_string(static_cast<mqtt::errc>(code.value())));
    if (code == std::errc::timed_out) return "timed_out";
    if (code == std::errc::interrupted) return "interrupted";
    return in_words(code);
}

void put_span(json_value& to, const std::string& key, const std::optional<duration>& d) {
    if (d) to[key] = to_milliseconds(*d);
}

json_value by_type(const std::array<std::uint64_t, 16>& counts) {
    json_value out = json_value::object();
    for (std::size_t type = 1; type < counts.size(); ++type)
        out[std::string(mqtt::to_string(static_cast<mqtt::packet_type>(type)))] = counts[type];
    return out;
}

} // namespace

int number_of(mqtt::qos q) {
    return static_cast<int>(q);
}

std::string to_line(const json_value& object) {
    return object.dump(-1, ' ', false, json_value::error_handler_t::replace) + '\n';
}

json_value to_json(const mqtt::properties& p) {
    return json_value::parse(sinks::to_json(p));
}

json_value to_json(const mqtt::publish& m) {
    json_value out = json_value::object();
    out["topic"] = std::string(m.topic.text());
    put_bytes(out, "payload", m.payload.text());
    out["qos"] = number_of(m.qos);
    out["retain"] = m.retain;
    out["dup"] = m.dup;
    if (m.packet_id != 0) out["packet_id"] = m.packet_id;
    out["properties"] = to_json(m.props);
    return out;
}

json_value to_json(const mqtt::connected& c) {
    json_value out = json_value::object();
    put_reason(out, mqtt::reason_code::success);
    out["session_present"] = c.session_present;
    out["client_id"] = c.client_id;
    out["connection"] = c.connection;
    out["keep_alive"] = c.keep_alive;
    out["session_expiry"] = c.session_expiry;
    out["receive_maximum"] = c.receive_maximum;
    out["maximum_packet_size"] = c.maximum_packet_size;
    out["topic_alias_maximum"] = c.topic_alias_maximum;
    out["maximum_qos"] = number_of(c.maximum_qos);
    out["retain_available"] = c.retain_available;
    out["wildcard_subscription_available"] = c.wildcard_subscription_available;
    out["subscription_identifiers_available"] = c.subscription_identifiers_available;
    out["shared_subscription_available"] = c.shared_subscription_available;
    out["properties"] = to_json(c.props);
    return out;
}

json_value to_json(const error& e) {
    return {{"name", name_of(e.code)}, {"text", e.message()}};
}

json_value to_json(const mqtt::connect_timings& t) {
    json_value out = json_value::object();
    put_span(out, "resolved_ms", t.resolved);
    put_span(out, "tcp_ms", t.tcp);
    put_span(out, "proxy_ms", t.proxy);
    put_span(out, "tls_ms", t.tls);
    put_span(out, "websocket_ms", t.websocket);
    put_span(out, "connack_ms", t.connack);
    put_span(out, "suback_ms", t.suback);
    return out;
}

json_value to_json(const mqtt::session_stats& s) {
    return {
        {"bytes_received", s.bytes_received},
        {"packets_received", s.packets_received},
        {"packets_sent", s.packets_sent},
        {"received_by_type", by_type(s.received_by_type)},
        {"sent_by_type", by_type(s.sent_by_type)},
        {"connections", s.connections},
        {"ping_round_trip_ms", to_milliseconds(s.ping_round_trip)},
        {"messages_delivered", s.messages_delivered},
        {"acks_sent", s.acks_sent},
        {"duplicates", s.duplicates},
        {"stale_acks", s.stale_acks},
        {"repeated_acks", s.repeated_acks},
        {"unexpected_acks", s.unexpected_acks},
        {"qos0_dropped", s.qos0_dropped},
        {"resent", s.resent},
        {"window_used", s.window_used},
        {"acks_held", s.acks_held},
        {"unacknowledged", s.unacknowledged},
        {"deferred", s.deferred},
        {"read_ahead", s.read_ahead},
        {"qos0_waiting", s.qos0_waiting},
        {"send_queue", s.send_queue},
        {"send_queue_bytes", s.send_queue_bytes},
        {"outbound_inflight", s.outbound_inflight},
        {"store_bytes", s.store_bytes},
        {"store_records", s.store_records},
        {"store_writes", s.store_writes},
        {"store_failures", s.store_failures}};
}

json_value to_json(const mqtt::client::cost& c) {
    return {{"reads", c.reads},           {"writes", c.writes},
            {"bytes_read", c.bytes_read}, {"bytes_written", c.bytes_written},
            {"turns", c.turns},           {"wakes", c.wakes}};
}

json_value to_json(const mqtt::granted_subscription& s) {
    json_value out{
        {"filter", s.asked.filter},
        {"qos", number_of(s.asked.qos)},
        {"granted", number_of(s.granted)},
        {"no_local", s.asked.no_local},
        {"retain_as_published", s.asked.retain_as_published},
        {"retain_handling", static_cast<int>(s.asked.retain_handling)}};
    if (s.identifier) out["subscription_identifier"] = *s.identifier;
    return out;
}

void put_reason(json_value& to, mqtt::reason_code code, std::string_view name_of_zero) {
    to["reason_code"] = static_cast<int>(code);
    to["reason"] = std::string(code == mqtt::reason_code::success ? name_of_zero : mqtt::to_string(code));
}

void put_reason(json_value& to, const mqtt::closing_packet& p) {
    // MQTT 5.0 has no failures below 0x80, and 3.1.1 none above 5.
    const bool is_old = p.type == mqtt::packet_type::connack && p.code < 0x80;
    if (is_old) {
        to["reason_code"] = p.code;
        to["reason"] = std::string(mqtt::to_string(static_cast<mqtt::connect_return_code>(p.code)));
    } else {
        put_reason(to, static_cast<mqtt::reason_code>(p.code), "normal_disconnection");
    }
    to["said"] = std::string(mqtt::to_string(p.type));
    to["properties"] = to_json(p.props);
}

void put_bytes(json_value& to, const std::string& key, std::string_view value) {
    if (is_utf8(value)) {
        to[key] = std::string(value);
    } else {
        to[key + "_base64"] = to_base64(value);
    }
}

double to_milliseconds(duration d) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
    return static_cast<double>(microseconds) / 1'000;
}

} // namespace weir::tool
