// Cost of the packets of the hot path alone: PUBLISH in, acknowledgements out.

#include "laps.hpp"
#include "support/counting_new.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace {

using namespace weir;
using bench::report;

constexpr std::size_t packets = 512; ///< fit a block of 64 KiB at 64 bytes of payload

/// A stretch of PUBLISH packets of QoS 1 with topics of 26 bytes, as one read would bring it.
std::string publishes(mqtt::protocol_version version, std::size_t payload, std::size_t count) {
    std::string wire;
    for (std::size_t id = 1; id <= count; ++id) {
        auto number = std::to_string(id);
        number.insert(0, 6 - number.size(), '0');
        std::string body{'\0', '\x1A'};
        body += "plant/line-3/sensor/" + number;
        body += static_cast<char>(id >> 8U);
        body += static_cast<char>(id & 0xFFU);
        if (version == mqtt::protocol_version::v5) body += '\0';
        body.append(payload, 'x');
        wire += '\x32';
        if (body.size() < 128) {
            wire += static_cast<char>(body.size());
        } else {
            wire += static_cast<char>(body.size() % 128 | 0x80U);
            wire += static_cast<char>(body.size() / 128);
        }
        wire += body;
    }
    return wire;
}

void decode_publish(benchmark::State& state, mqtt::protocol_version version) {
    const auto payload = static_cast<std::size_t>(state.range(0));
    const auto count = std::min(packets, 64 * 1024 / (payload + 40));
    const auto block = bytes::copy(publishes(version, payload, count));
    bench::decode_laps(state, block, {.sender = mqtt::peer::server, .version = version}, count);
}

// The acks of one read, into one buffer that is written at once.
void encode_ack(benchmark::State& state, mqtt::protocol_version version) {
    mqtt::output_buffer out;
    const auto lap = [&] {
        out.clear();
        for (std::uint16_t id = 1; id <= packets; ++id)
            mqtt::encode(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = id}, version, out);
        benchmark::DoNotOptimize(out.segments().data());
    };
    lap();
    const auto before = mqtt::test::memory().allocations;
    for (auto _ : state)
        lap();
    if (out.size() != packets * 4) throw std::logic_error("a PUBACK without a reason is four bytes");
    report(state, packets, mqtt::test::memory().allocations - before);
}

BENCHMARK_CAPTURE(decode_publish, v3_1_1, mqtt::protocol_version::v4)->Arg(64)->Arg(1'024);
BENCHMARK_CAPTURE(decode_publish, v5, mqtt::protocol_version::v5)->Arg(64)->Arg(1'024);
BENCHMARK_CAPTURE(encode_ack, v3_1_1, mqtt::protocol_version::v4);
BENCHMARK_CAPTURE(encode_ack, v5, mqtt::protocol_version::v5);

} // namespace
