#include "consumers.hpp"

#include <weir/mqtt/client.hpp>

#include <unistd.h>

#include <limits>

namespace weir::bench {

namespace {

class counting_observer final : public mqtt::client_observer {
  public:
    explicit counting_observer(shared_counters::slot counter)
        : counter_(counter) {}

    void on_messages(std::span<mqtt::message_received> messages) override { counter_.add(messages.size()); }

  private:
    shared_counters::slot counter_;
};

mqtt::client_options options_for(const consumer_task& task) {
    mqtt::client_options o;
    o.host = "127.0.0.1";
    o.port = task.port;
    o.clientid = "weir-client";
    o.proto_ver = task.version == 5 ? mqtt::protocol_version::v5 : mqtt::protocol_version::v4;
    if (task.version == 5)
        o.receive_maximum = task.window;
    else
        o.receive_window = task.window;
    o.qos0_buffer_policy = mqtt::qos0_buffer_policy::pause_reading;
    return o;
}

} // namespace

// The client without a pipeline: messages are acknowledged when the observer returns.
void run_weir_client(const consumer_task& task, shared_counters& counters) {
    mqtt::io_lane lane;
    counting_observer observer(counters.claim());
    mqtt::client client(lane, options_for(task), observer);
    client.start();
    client.subscribe({{.filter = "#", .qos = static_cast<mqtt::qos>(task.qos)}});
    client.demand(std::numeric_limits<std::size_t>::max());
    for (;;)
        pause();
}

} // namespace weir::bench
