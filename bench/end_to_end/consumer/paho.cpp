#include "consumers.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace weir::bench {

namespace {

struct context {
    const consumer_task& task;
    shared_counters::slot counter;
    MQTTAsync client{};
};

void must(int code, const char* call) {
    if (code != MQTTASYNC_SUCCESS) throw std::runtime_error(fmt::format("{}: error {}", call, code));
}

int on_message(void* user, char* topic, int, MQTTAsync_message* message) {
    static_cast<context*>(user)->counter.add(1);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

void subscribe(context& c) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    must(MQTTAsync_subscribe(c.client, "#", c.task.qos, &options), "MQTTAsync_subscribe");
}

void on_connected(void* user, char*) {
    subscribe(*static_cast<context*>(user));
}

void connect_v5(context& c) {
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty receive_maximum{};
    receive_maximum.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM;
    receive_maximum.value.integer2 = c.task.window;
    MQTTProperties_add(&properties, &receive_maximum);
    options.connectProperties = &properties;
    options.keepAliveInterval = 60;
    options.cleanstart = 1;
    must(MQTTAsync_connect(c.client, &options), "MQTTAsync_connect");
    MQTTProperties_free(&properties);
}

void connect_v4(context& c) {
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.keepAliveInterval = 60;
    options.cleansession = 1;
    must(MQTTAsync_connect(c.client, &options), "MQTTAsync_connect");
}

} // namespace

// The asynchronous client without persistence: the library runs its own threads and calls back from one.
void run_paho(const consumer_task& task, shared_counters& counters) {
    static context c{task, counters.claim()};
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    create.MQTTVersion = task.version == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    const auto address = fmt::format("tcp://127.0.0.1:{}", task.port);
    must(
        MQTTAsync_createWithOptions(
            &c.client, address.c_str(), "paho", MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create),
        "MQTTAsync_createWithOptions");
    must(MQTTAsync_setCallbacks(c.client, &c, nullptr, on_message, nullptr), "MQTTAsync_setCallbacks");
    must(MQTTAsync_setConnected(c.client, &c, on_connected), "MQTTAsync_setConnected");
    if (task.version == 5)
        connect_v5(c);
    else
        connect_v4(c);
    for (;;)
        pause();
}

} // namespace weir::bench
