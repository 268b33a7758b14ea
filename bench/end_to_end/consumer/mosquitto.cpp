#include "consumers.hpp"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <stdexcept>
#include <string>

namespace weir::bench {

namespace {

struct context {
    const consumer_task& task;
    shared_counters::slot counter;
};

void must(int code, const char* call) {
    if (code != MOSQ_ERR_SUCCESS)
        throw std::runtime_error(std::string(call) + ": " + mosquitto_strerror(code));
}

void on_connect(mosquitto* m, void* user, int, int, const mosquitto_property*) {
    const auto& task = static_cast<context*>(user)->task;
    must(mosquitto_subscribe(m, nullptr, "#", task.qos), "mosquitto_subscribe");
}

void on_message(mosquitto*, void* user, const mosquitto_message*, const mosquitto_property*) {
    static_cast<context*>(user)->counter.add(1);
}

} // namespace

// One thread, the caller's, runs the network loop: the cheapest way the library can be used.
void run_mosquitto(const consumer_task& task, shared_counters& counters) {
    mosquitto_lib_init();
    context c{task, counters.claim()};
    auto* m = mosquitto_new("mosquitto", true, &c);
    const int version = task.version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
    must(mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, version), "protocol version");
    must(mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, task.window), "receive maximum");
    must(mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1), "no delay");
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_message_v5_callback_set(m, on_message);
    must(mosquitto_connect(m, "127.0.0.1", task.port, 60), "mosquitto_connect");
    must(mosquitto_loop_forever(m, -1, 1), "mosquitto_loop_forever");
}

} // namespace weir::bench
