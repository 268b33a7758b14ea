// Cost of an event of the hot path: with nobody listening, to it or at all, and with a listener.

#include <weir/base/telemetry.hpp>
#include <weir/connector/events.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

using namespace weir;
using connector::events::receive_message_ack;
using connector::events::receive_message_start;

void emit(telemetry& bus, const std::string& topic, std::uint64_t& number) {
    bus.emit<receive_message_start>([&] {
        return receive_message_start{
            .origin = {.pipeline = "p", .client_id = "p_0", .time = clock::now()},
            .message = {.topic = topic, .packet_id = 1, .message_no = ++number},
            .payload_bytes = 64};
    });
    benchmark::DoNotOptimize(&bus);
    benchmark::ClobberMemory();
}

void measure(benchmark::State& state, telemetry& bus) {
    const std::string topic = "plant/line-3/sensor/000001";
    std::uint64_t number = 0;
    for (auto _ : state)
        emit(bus, topic, number);
    state.SetItemsProcessed(state.iterations());
}

void nobody_listens(benchmark::State& state) {
    telemetry bus;
    measure(state, bus);
}

void somebody_listens_to_another_event(benchmark::State& state) {
    telemetry bus;
    bus.attach<receive_message_ack>("bench", [](const auto&) {});
    measure(state, bus);
}

void somebody_listens(benchmark::State& state) {
    telemetry bus;
    std::uint64_t seen = 0;
    bus.attach<receive_message_start>("bench", [&](const auto& e) { seen += e.message.message_no; });
    measure(state, bus);
    benchmark::DoNotOptimize(seen);
}

BENCHMARK(nobody_listens);
BENCHMARK(somebody_listens_to_another_event);
BENCHMARK(somebody_listens);

} // namespace
