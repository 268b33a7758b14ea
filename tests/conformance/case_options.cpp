#include "case_options.hpp"

#include "exchanges.hpp"
#include "values.hpp"

#include <algorithm>
#include <limits>
#include <memory>

namespace weir::conformance {
namespace {

using std::chrono::milliseconds;

/// Sets `to` where the case says so.
template <class Value>
void take(const json& given, const char* name, Value& to) {
    if (given.contains(name)) to = given[name].get<Value>();
}

template <class Value>
void take(const json& given, const char* name, std::optional<Value>& to) {
    if (given.contains(name)) to = given[name].get<Value>();
}

void take(const json& given, const char* name, milliseconds& to) {
    if (given.contains(name)) to = milliseconds{given[name].get<int>()};
}

bool is(const json& given, const char* name, const char* value) {
    return given.contains(name) && given[name] == value;
}

mqtt::will will_of(const json& given) {
    return {
        .topic = given.at("topic"),
        .payload = given.value("payload", ""),
        .qos = static_cast<mqtt::qos>(given.value("qos", 0)),
        .retain = given.value("retain", false),
        .props = properties_of(given)};
}

/// One after the other, the last again and again.
template <class Read>
auto each_in_turn(const json& list, Read read) {
    return [list, read, next = std::make_shared<std::size_t>(0)] {
        return read(list.at(std::min((*next)++, list.size() - 1)));
    };
}

mqtt::credentials credentials_of(const json& given) {
    mqtt::credentials made;
    take(given, "username", made.username);
    take(given, "password", made.password);
    return made;
}

void take_places(const json& given, mqtt::client_options& o) {
    take(given, "hosts", o.hosts);
    if (is(given, "host_order", "round_robin")) o.host_order = mqtt::host_order::round_robin;
    take(given, "follow_server_reference", o.follow_server_reference);
}

void take_connecting(const json& given, mqtt::client_options& o) {
    o.clientid = given.value("clientid", "tester");
    take(given, "username", o.username);
    take(given, "password", o.password);
    o.keepalive = std::chrono::seconds{given.value("keepalive", 60)};
    if (given.contains("ping_timeout")) o.ping_timeout = milliseconds{given["ping_timeout"].get<int>()};
    take(given, "force_ping", o.force_ping);
    take(given, "clean_start", o.clean_start);
    take(given, "session_strict", o.session_strict);
    if (given.contains("will")) o.will = will_of(given["will"]);
    if (given.contains("wills"))
        o.will_from = each_in_turn(given["wills"], [](const json& w) {
            return w.is_null() ? std::nullopt : std::optional(will_of(w));
        });
    if (given.contains("credentials"))
        o.credentials_callback = each_in_turn(given["credentials"], credentials_of);
    for (const auto& name : given.value("proto_fallback", json::array()))
        o.proto_fallback.push_back(version_named(name));
    take(given, "connect_timeout", o.connect_timeout);
    take(given, "ack_timeout", o.ack_timeout);
    take(given, "reconnect", o.reconnect);
    if (is(given, "resubscribe", "always")) o.resubscribe = mqtt::resubscribe::always;
    if (is(given, "resubscribe", "never")) o.resubscribe = mqtt::resubscribe::never;
}

void take_sending(const json& given, mqtt::client_options& o) {
    take(given, "retry_interval", o.retry_interval);
    take(given, "strict_order", o.strict_order);
    take(given, "strict_utf8", o.strict_utf8);
    take(given, "retry_calls_on_reconnect", o.retry_calls_on_reconnect);
    take(given, "max_inflight", o.max_inflight);
    take(given, "send_queue_messages", o.send_queue_messages);
    if (is(given, "send_queue_policy", "drop_oldest_qos0"))
        o.send_queue_policy = mqtt::send_queue_policy::drop_oldest_qos0;
    if (is(given, "queue_while_disconnected", "none"))
        o.queue_while_disconnected = mqtt::queue_while_disconnected::none;
    if (is(given, "complete_on", "pubrec")) o.complete_on = mqtt::complete_on::pubrec;
    if (is(given, "on_session_lost_qos1", "fail")) o.on_session_lost_qos1 = mqtt::on_session_lost::fail;
    if (is(given, "on_session_lost_qos2", "republish"))
        o.on_session_lost_qos2 = mqtt::on_session_lost::republish;
}

void take_receiving(const json& given, mqtt::client_options& o) {
    take(given, "auto_ack", o.auto_ack);
    take(given, "raw_acks", o.raw_acks);
    take(given, "confirm_release", o.confirm_release);
    if (is(given, "qos2_receive", "store_first")) o.qos2_receive = mqtt::qos2_receive::store_first;
    if (is(given, "oversize", "discard")) o.oversize = mqtt::oversize::discard;
    if (is(given, "ack_order", "relaxed")) o.ack_order = mqtt::ack_order::relaxed;
    take(given, "maximum_packet_size", o.maximum_packet_size);
    take(given, "receive_bytes", o.receive_bytes);
    take(given, "read_ahead_bytes", o.read_ahead_bytes);
    take(given, "qos0_buffer_messages", o.qos0_buffer_messages);
    if (is(given, "qos0_buffer_policy", "drop_newest"))
        o.qos0_buffer_policy = mqtt::qos0_buffer_policy::drop_newest;
    if (is(given, "qos0_buffer_policy", "keep_latest"))
        o.qos0_buffer_policy = mqtt::qos0_buffer_policy::keep_latest;
}

void take_older(const json& given, mqtt::client_options& o) {
    take(given, "receive_window", o.receive_window);
    take(given, "bridge_mode", o.bridge_mode);
}

void take_version_5(const json& given, mqtt::client_options& o) {
    take(given, "session_expiry", o.session_expiry);
    take(given, "receive_maximum", o.receive_maximum);
    take(given, "topic_alias_maximum", o.topic_alias_maximum);
    take(given, "alias_bytes", o.alias_bytes);
    take(given, "request_problem_information", o.request_problem_information);
    take(given, "request_response_information", o.request_response_information);
    take(given, "response_prefix", o.response_prefix);
    take(given, "max_requests", o.max_requests);
    take(given, "validate_payload_format", o.validate_payload_format);
    take(given, "strict_receive_maximum", o.strict_receive_maximum);
    take(given, "strict_resend", o.strict_resend);
    take(given, "clean_start_always", o.clean_start_always);
    take(given, "downgrade_qos", o.downgrade_qos);
    if (is(given, "topic_alias_out", "automatic")) o.topic_alias_out = mqtt::topic_alias_out::automatic;
    o.props = properties_of(given);
    if (given.contains("exchanges")) o.auth = exchanges_of(given["exchanges"]);
    if (given.contains("scram")) o.auth = scram_of(given["scram"]);
}

} // namespace

setup setup_of(const test_case& c) {
    setup made;
    made.options.proto_ver = c.version;
    take_places(c.options, made.options);
    take_connecting(c.options, made.options);
    take_sending(c.options, made.options);
    take_receiving(c.options, made.options);
    if (c.version == mqtt::protocol_version::v5)
        take_version_5(c.options, made.options);
    else
        take_older(c.options, made.options);
    made.demand = c.options.value("demand", std::numeric_limits<std::size_t>::max());
    take(c.options, "store", made.store);
    if (is(c.options, "handler", "throws")) made.handler = handler_kind::throws;
    if (is(c.options, "handler", "blocks")) made.handler = handler_kind::blocks;
    return made;
}

} // namespace weir::conformance
