#include "support/publisher.hpp"

#include "support/eventually.hpp"

#include <utility>

namespace weir::testing {

namespace {

using namespace std::chrono_literals;

mqtt::client_options lasting_session(
    std::uint16_t port, mqtt::protocol_version version, const std::string& id, mqtt::credentials who) {
    mqtt::client_options o;
    o.host = "127.0.0.1";
    o.port = port;
    o.clientid = id;
    o.username = std::move(who.username);
    o.password = std::move(who.password);
    o.proto_ver = version;
    o.clean_start = false;
    if (version == mqtt::protocol_version::v5) o.session_expiry = 3'600;
    o.backoff_min = 20ms;
    o.backoff_max = 200ms;
    o.send_queue_messages = 1'000'000;
    o.max_inflight = 20; // what Mosquitto takes; on 3.1.1 it has no way to say so
    return o;
}

} // namespace

publisher::publisher(std::uint16_t port, mqtt::protocol_version version, const std::string& id)
    : publisher(port, version, id, {}) {}

publisher::publisher(
    std::uint16_t port, mqtt::protocol_version version, const std::string& id, mqtt::credentials who)
    : client_(lane_, lasting_session(port, version, id, std::move(who)), nobody_) {
    client_.start();
}

void publisher::publish(const std::string& topic, std::size_t first, std::size_t count, mqtt::qos level) {
    for (std::size_t n = first; n < first + count; ++n)
        publish(topic, std::to_string(n), level);
}

void publisher::publish(const std::string& topic, const std::string& payload, mqtt::qos level) {
    ++handed_over_;
    client_.publish(
        {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level},
        [this](const mqtt::publish_done& outcome) { done(outcome); });
}

void publisher::done(const mqtt::publish_done& outcome) {
    ++(outcome.failed ? refused_ : confirmed_);
}

bool publisher::wait(std::chrono::milliseconds limit) {
    return eventually([&] { return confirmed_ + refused_ == handed_over_; }, limit) && refused_ == 0;
}

} // namespace weir::testing
