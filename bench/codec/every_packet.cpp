// Cost of each kind of packet, there and back, as MQTT 5.0 has it: few of a kind are ever sent, but for the
// acknowledgements.

#include "laps.hpp"
#include "support/counting_new.hpp"

#include <weir/mqtt/codec/encoder.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace weir;
using bench::report;
using mqtt::property_id;

constexpr auto v5 = mqtt::protocol_version::v5;
constexpr std::size_t packets = 256;

mqtt::packet connect() {
    mqtt::connect p{
        .clean_start = false, .client_id = "plant-line-3", .username = "gateway", .password = "secret"};
    p.will = mqtt::will{.topic = "plant/line-3/state", .payload = "gone", .qos = mqtt::qos::at_least_once};
    p.props.set(property_id::session_expiry_interval, 86'400).set(property_id::receive_maximum, 100);
    return p;
}

mqtt::packet connack() {
    mqtt::connack p{.session_present = true};
    p.props.set(property_id::receive_maximum, 20).set(property_id::topic_alias_maximum, 10);
    return p;
}

mqtt::publish plain_publish() {
    return {
        .topic = bytes::copy("plant/line-3/sensor/000001"),
        .payload = bytes::copy(std::string(64, 'x')),
        .qos = mqtt::qos::at_least_once,
        .packet_id = 1};
}

mqtt::packet publish() {
    return plain_publish();
}

mqtt::packet publish_with_properties() {
    auto p = plain_publish();
    p.props.set(property_id::content_type, "application/json")
        .set(property_id::response_topic, "plant/answers")
        .set(property_id::message_expiry_interval, 60)
        .add_user_property("unit", "celsius")
        .add_user_property("line", "3");
    return p;
}

mqtt::packet puback() {
    return mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 1};
}

mqtt::packet pubrec() {
    return mqtt::ack{.type = mqtt::ack_type::pubrec, .packet_id = 1};
}

mqtt::packet pubrel() {
    return mqtt::ack{.type = mqtt::ack_type::pubrel, .packet_id = 1};
}

mqtt::packet pubcomp() {
    return mqtt::ack{.type = mqtt::ack_type::pubcomp, .packet_id = 1};
}

mqtt::packet refusal() {
    mqtt::ack p{.type = mqtt::ack_type::puback, .packet_id = 1, .code = mqtt::reason_code::quota_exceeded};
    p.props.set(property_id::reason_string, "full");
    return p;
}

mqtt::packet subscribe() {
    return mqtt::subscribe{
        .packet_id = 1,
        .subscriptions = {
            {.filter = "plant/+/sensor/#", .qos = mqtt::qos::at_least_once}, {.filter = "plant/+/state"}}};
}

mqtt::packet suback() {
    return mqtt::suback{
        .packet_id = 1, .codes = {mqtt::reason_code::granted_qos_1, mqtt::reason_code::granted_qos_0}};
}

mqtt::packet pingreq() {
    return mqtt::pingreq{};
}

mqtt::packet disconnect() {
    return mqtt::disconnect{};
}

using sample = mqtt::packet (*)();

std::string encoded(const mqtt::packet& p, std::size_t count) {
    mqtt::output_buffer out;
    for (std::size_t i = 0; i < count; ++i)
        mqtt::encode(p, v5, out);
    std::string wire;
    for (const auto& segment : out.segments())
        wire.append(reinterpret_cast<const char*>(segment.data()), segment.size());
    return wire;
}

void encode(benchmark::State& state, sample make) {
    const auto p = make();
    mqtt::output_buffer out;
    const auto lap = [&] {
        out.clear();
        for (std::size_t i = 0; i < packets; ++i)
            mqtt::encode(p, v5, out);
        benchmark::DoNotOptimize(out.segments().data());
    };
    lap();
    const auto before = mqtt::test::memory().allocations;
    for (auto _ : state)
        lap();
    report(state, packets, mqtt::test::memory().allocations - before);
}

void decode(benchmark::State& state, sample make, mqtt::peer sender) {
    const auto block = bytes::copy(encoded(make(), packets));
    bench::decode_laps(state, block, {.sender = sender, .version = v5}, packets);
}

#define WEIR_BOTH_WAYS(kind, sender)                                                                         \
    BENCHMARK_CAPTURE(encode, kind, kind);                                                                   \
    BENCHMARK_CAPTURE(decode, kind, kind, mqtt::peer::sender)

WEIR_BOTH_WAYS(connect, client);
WEIR_BOTH_WAYS(connack, server);
WEIR_BOTH_WAYS(publish, server);
WEIR_BOTH_WAYS(publish_with_properties, server);
WEIR_BOTH_WAYS(puback, server);
WEIR_BOTH_WAYS(pubrec, server);
WEIR_BOTH_WAYS(pubrel, server);
WEIR_BOTH_WAYS(pubcomp, server);
WEIR_BOTH_WAYS(refusal, server);
WEIR_BOTH_WAYS(subscribe, client);
WEIR_BOTH_WAYS(suback, server);
WEIR_BOTH_WAYS(pingreq, client);
WEIR_BOTH_WAYS(disconnect, server);

} // namespace
