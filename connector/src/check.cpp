#include "check_failures.hpp"
#include "check_topics.hpp"
#include "fault_list.hpp"
#include "pipeline_part.hpp"

#include <weir/connector/options.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <iterator>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

bool lasting_session(const producer_options& p) {
    return !p.config.clean_start.value_or(false);
}

void check_window(const producer_options& p, fault_list& out) {
    static const mqtt::client_options untouched;
    const auto& c = p.config;
    out.when(p.max_inflight == 0, "producer.max_inflight", p.max_inflight, "1..65535");
    out.when(
        c.receive_maximum != untouched.receive_maximum && c.receive_maximum != p.max_inflight,
        "producer.config.receive_maximum", c.receive_maximum,
        "not to be set: producer.max_inflight is this window");
    const auto as_property = c.props.number(mqtt::property_id::receive_maximum);
    out.when(
        as_property && *as_property != p.max_inflight, "producer.config.props",
        "receive_maximum " + std::to_string(as_property.value_or(0)),
        "not to be set: producer.max_inflight is this window");
    out.when(
        c.receive_window != untouched.receive_window && c.receive_window != p.max_inflight,
        "producer.config.receive_window", c.receive_window,
        "not to be set: producer.max_inflight is this window");
    out.when(
        c.max_inflight != untouched.max_inflight, "producer.config.max_inflight", c.max_inflight,
        "not to be set: it is the client's outbound window, producer.max_inflight the inbound one");
}

/// What the connector does with a client has no place for these.
void check_client(const mqtt::client_options& c, fault_list& out) {
    out.when(
        c.raw_acks, "producer.config.raw_acks", "true",
        "false: what is processed is acknowledged by the pipeline");
}

void check_session(const producer_options& p, fault_list& out) {
    const auto& c = p.config;
    out.when(
        lasting_session(p) && c.clientid.empty(), "producer.config.clientid", "\"\"",
        "a persistent session needs a stable config.clientid; or set config.clean_start = true");
    out.when(
        lasting_session(p) && c.proto_ver == mqtt::protocol_version::v5 && c.session_expiry == 0u,
        "producer.config.session_expiry", 0,
        "1..4294967295 with clean_start = false: 0 ends the session with the connection");
}

void check_connections(const producer_options& p, fault_list& out) {
    constexpr std::size_t most = 1'000;
    out.when(p.concurrency == 0 || p.concurrency > most, "producer.concurrency", p.concurrency, "1..1000");
    out.when(
        p.concurrency > 1 && !p.shared_group, "producer.concurrency", p.concurrency,
        "1 without producer.shared_group: every producer would get every message");
    out.when(
        p.concurrency > 1 && !p.append_index, "producer.append_index", "false",
        "true with producer.concurrency > 1: each connection needs a client id of its own");
}

bool may_speak_3_1(const mqtt::client_options& c) {
    const auto& f = c.proto_fallback;
    return c.proto_ver == mqtt::protocol_version::v3 ||
           std::find(f.begin(), f.end(), mqtt::protocol_version::v3) != f.end();
}

void check_receipts(const producer_options& p, fault_list& out) {
    out.when(
        p.config.confirm_release, "producer.config.confirm_release", "true",
        "not to be set: producer.qos2 = sink does it");
    if (p.qos2 != qos2_mode::sink) return;
    out.when(!p.receipts, "producer.receipts", "none", "those of the store, with producer.qos2 = sink");
    out.when(
        may_speak_3_1(p.config), "producer.qos2", "sink",
        "after_processing on MQTT 3.1, which does not tell whether the broker kept the session");
}

void check_durable(const producer_options& p, fault_list& out) {
    if (p.qos2 == qos2_mode::durable) {
        out.when(
            !mqtt::has_store(p.config), "producer.config.store.path", quoted(""),
            "a folder with producer.qos2 = durable: the session store is there");
        return;
    }
    out.when(
        p.config.qos2_receive == mqtt::qos2_receive::store_first, "producer.config.qos2_receive",
        "store_first", "not to be set: producer.qos2 = durable does it");
    out.when(p.config.store.qos1, "producer.config.store.qos1", "true", "only with producer.qos2 = durable");
    out.when(p.tokens != nullptr, "producer.tokens", "given", "none without producer.qos2 = durable");
}

void check_key(const producer_options& p, fault_list& out) {
    const auto& k = p.idempotency_key;
    const int sources =
        (k.user_property.empty() ? 0 : 1) + (k.correlation_data ? 1 : 0) + (k.function ? 1 : 0);
    const bool v5 = p.config.proto_ver == mqtt::protocol_version::v5;
    out.when(
        sources > 1, "producer.idempotency_key", "several",
        "one of user_property, correlation_data, function");
    out.when(
        !k.user_property.empty() && !v5, "producer.idempotency_key.user_property", quoted(k.user_property),
        "only with config.proto_ver = v5");
    out.when(
        k.correlation_data && !v5, "producer.idempotency_key.correlation_data", "true",
        "only with config.proto_ver = v5");
    out.when(
        k.entries != 0 && sources == 0, "producer.idempotency_key.entries", k.entries,
        "0 without a user_property or correlation_data to find keys in");
    out.when(k.ttl < 1ms, "producer.idempotency_key.ttl", k.ttl, "at least 1ms");
}

void check_dedup(const producer_options& p, fault_list& out) {
    if (p.overlap != overlap::dedup) return;
    const bool v5 = p.config.proto_ver == mqtt::protocol_version::v5 && p.config.proto_fallback.empty();
    out.when(
        !v5, "producer.overlap", "dedup",
        "allow or reject unless config.proto_ver = v5 without proto_fallback: older versions have no "
        "subscription identifiers");
    out.when(
        p.shared_group.has_value(), "producer.overlap", "dedup",
        "allow or reject with producer.shared_group: the copies go to different members");
    out.when(
        std::ranges::any_of(p.topics, mqtt::is_shared, &topic::filter), "producer.overlap", "dedup",
        "allow or reject with a filter of $share/: the copies go to different members");
}

void check_times(const options& o, fault_list& out) {
    const auto& p = o.producer;
    out.when(p.stall_after < 1ms, "producer.stall_after", p.stall_after, "at least 1ms");
    out.when(p.startup_timeout < 1ms, "producer.startup_timeout", p.startup_timeout, "at least 1ms");
    out.when(
        p.drop_expired && p.config.proto_ver != mqtt::protocol_version::v5, "producer.drop_expired", "true",
        "false with config.proto_ver below v5, where messages do not expire");
    const auto& drain = p.drain_timeout;
    if (!drain) return;
    out.when(*drain < 0ms || *drain > o.shutdown, "producer.drain_timeout", *drain, "0ms..shutdown");
}

/// The client's options as the client will get them, but for what the connector refuses by itself.
mqtt::client_options client_part(const options& o) {
    auto c = o.producer.config;
    c.max_inflight = mqtt::client_options{}.max_inflight;
    c.receive_maximum = mqtt::client_options{}.receive_maximum;
    c.receive_window = 0;
    c.confirm_release = false;
    c.raw_acks = false;
    const bool durable = o.producer.qos2 == qos2_mode::durable && mqtt::has_store(c); // else said already
    c.qos2_receive = durable ? mqtt::qos2_receive::store_first : mqtt::qos2_receive::after_ack;
    c.store.qos1 = c.store.qos1 && durable;
    c.clean_start = c.clean_start.value_or(false);
    if (lasting_session(o.producer) && c.clientid.empty()) c.clientid = "reported-already";
    return c;
}

} // namespace

std::vector<option_fault> check(const options& o, const pipeline::handler_abilities& handler) {
    fault_list out;
    check_topics(o.producer, out);
    check_shared_group(o.producer, out);
    check_window(o.producer, out);
    check_failures(o.producer, out);
    check_connections(o.producer, out);
    check_client(o.producer.config, out);
    check_session(o.producer, out);
    check_receipts(o.producer, out);
    check_durable(o.producer, out);
    check_key(o.producer, out);
    check_dedup(o.producer, out);
    check_times(o, out);
    for (auto& f : mqtt::check(client_part(o), "producer.config."))
        out.add({std::move(f.path), std::move(f.value), std::move(f.allowed)});
    for (auto& f : pipeline::check(pipeline_part(o), handler))
        out.add(std::move(f));
    return std::move(out).take();
}

std::string describe(const std::vector<option_fault>& faults) {
    std::string text;
    for (const auto& f : faults) {
        if (!text.empty()) text += '\n';
        text += f.path + ": " + f.value + ": " + f.allowed;
    }
    return text;
}

} // namespace weir::connector
