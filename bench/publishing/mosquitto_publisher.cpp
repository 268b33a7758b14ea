#include "publishers.hpp"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <stdexcept>
#include <string>

namespace weir::bench {
namespace {

void must(int code, const char* call) {
    if (code != MOSQ_ERR_SUCCESS)
        throw std::runtime_error(std::string(call) + ": " + mosquitto_strerror(code));
}

struct context {
    const publishing_task& task;
    const std::function<void()>& begun;
    const std::function<void()>& ended;
    const std::string payload;
    std::size_t sent{0};
    std::size_t finished{0};
};

void publish_next(mosquitto* m, context& c) {
    must(
        mosquitto_publish(
            m, nullptr, topic_of(c.sent).c_str(), static_cast<int>(c.payload.size()), c.payload.data(),
            c.task.qos, false),
        "mosquitto_publish");
    ++c.sent;
}

void on_connect(mosquitto* m, void* user, int, int, const mosquitto_property*) {
    auto& c = *static_cast<context*>(user);
    c.begun();
    for (std::size_t i = 0; i < c.task.window && c.sent < c.task.messages; ++i)
        publish_next(m, c);
}

void on_publish(mosquitto* m, void* user, int, int code, const mosquitto_property*) {
    auto& c = *static_cast<context*>(user);
    if (code >= 0x80) throw std::runtime_error("a message was refused");
    if (++c.finished == c.task.messages) {
        c.ended();
        must(mosquitto_disconnect(m), "mosquitto_disconnect");
    } else if (c.sent < c.task.messages) {
        publish_next(m, c);
    }
}

} // namespace

// One thread, the caller's, runs the network loop: the cheapest way the library can be used.
void run_mosquitto(
    const publishing_task& task, const std::function<void()>& begun, const std::function<void()>& ended) {
    mosquitto_lib_init();
    context c{task, begun, ended, std::string(task.payload, 'x')};
    auto* m = mosquitto_new("mosquitto", true, &c);
    const int version = task.version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
    must(mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, version), "protocol version");
    must(mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, task.window), "send maximum");
    must(mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1), "no delay");
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_publish_v5_callback_set(m, on_publish);
    must(mosquitto_connect(m, "127.0.0.1", task.port, 60), "mosquitto_connect");
    must(mosquitto_loop_forever(m, -1, 1), "mosquitto_loop_forever");
    mosquitto_destroy(m);
}

} // namespace weir::bench
