#include "consumers.hpp"

#include <array>

namespace weir::bench {

namespace {

constexpr auto all = std::to_array<consumer>({
    {"bare-reader", "parses and acknowledges, nothing else", run_bare_reader},
    {"weir-pipeline", "weir::start, processors that count", run_weir_pipeline},
    {"weir-batched", "weir::start, processors and a batcher of 100", run_weir_batched},
    {"weir-client", "mqtt::client, acknowledging by itself", run_weir_client},
#ifdef WEIR_BENCH_MOSQUITTO
    {"libmosquitto", "empty callback, mosquitto_loop_forever", run_mosquitto},
#endif
#ifdef WEIR_BENCH_PAHO
    {"paho-c", "MQTTAsync, empty callback", run_paho},
#endif
});

} // namespace

std::span<const consumer> consumers() {
    return all;
}

} // namespace weir::bench
