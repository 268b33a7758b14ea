#pragma once

#include "fake_intake.hpp"
#include "mqtt_producer.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::connector {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;

[[nodiscard]] inline mqtt::publish publish_packet(
    std::string_view payload, mqtt::qos level, std::uint16_t id = 0, bool dup = false) {
    return {
        .topic = bytes::copy("a"),
        .payload = bytes::copy(payload),
        .qos = level,
        .dup = dup,
        .packet_id = id};
}

[[nodiscard]] inline mqtt::publish qos1(std::uint16_t id, bool dup = false) {
    return publish_packet(std::to_string(id), mqtt::qos::at_least_once, id, dup);
}

[[nodiscard]] inline mqtt::publish qos2(std::uint16_t id) {
    return publish_packet(std::to_string(id), mqtt::qos::exactly_once, id);
}

[[nodiscard]] inline mqtt::ack puback(std::uint16_t id) {
    return {.type = mqtt::ack_type::puback, .packet_id = id};
}

[[nodiscard]] inline mqtt::ack pubrec(std::uint16_t id) {
    return {.type = mqtt::ack_type::pubrec, .packet_id = id};
}

/// Connects and subscribes, then whatever follows.
[[nodiscard]] inline conversation ready(bool session_present = false) {
    return conversation{}.accept({.session_present = session_present}).grant_subscribe();
}

/// One producer on a lane, between a broker that follows a script and a pipeline made of the test.
class producer_test : public ::testing::Test {
  protected:
    /// Ends what the test has left open, as a pipeline would.
    ~producer_test() override {
        if (!producer_) return;
        producer_->stop(clock::now() + 1s);
        std::map<std::uint64_t, std::size_t> emitted;
        for (const auto& e : intake.seen().entries)
            ++emitted[e.token];
        for (const auto& [token, times] : emitted)
            if (times > settled_[token]) record_pool::release(record_of(token));
    }

    /// What a test may change before `start`.
    producer_options options{[] {
        producer_options o;
        o.topics = {{"a", mqtt::qos::exactly_once}};
        o.redelivery = {.min = 20ms, .max = 40ms, .skip_after = 10s};
        o.config.host = "127.0.0.1";
        o.config.clientid = "tester";
        o.config.backoff_min = 10ms;
        o.config.backoff_max = 20ms;
        return o;
    }()};

    std::optional<std::uint16_t> port{}; ///< of what stands before the broker

    void follow(
        std::vector<conversation> script, scripted_broker::pace p = scripted_broker::pace::one_by_one) {
        broker_.emplace(std::move(script), p);
    }

    /// Starts against the script, ready to take `demand` messages.
    void start(std::size_t demand = 100) {
        connector::options whole;
        whole.producer = options;
        whole.producer.config.port = port.value_or(broker_->port());
        producer_ = std::make_unique<mqtt_producer>(
            producer_context{
                .pipeline = "p",
                .index = 0,
                .client_id = client_id(whole.producer, 0),
                .options = effective(whole).producer,
                .bus = bus,
                .time = real_time()},
            lane_, ready_, latency_);
        producer_->start(intake);
        if (demand != 0) producer_->demand(demand);
    }

    void settle(std::size_t index, pipeline::outcome result, std::string_view reason = {}) {
        const pipeline::settlement s{.token = token(index), .result = result, .reason = reason};
        settle_all({&s, 1});
    }

    void settle_all(std::span<const pipeline::settlement> settlements) {
        for (const auto& s : settlements)
            ++settled_[s.token];
        producer_->settle(settlements);
    }

    void succeed(std::size_t index) { settle(index, pipeline::outcome::successful); }

    void fail(std::size_t index) { settle(index, pipeline::outcome::failed, "no"); }

    [[nodiscard]] std::uint64_t token(std::size_t index) { return intake.seen().entries.at(index).token; }

    [[nodiscard]] stats sums() const {
        stats s;
        producer_->add_to(s);
        return s;
    }

    /// The client's sums follow at the end of its turn: a packet may be on the wire before it is counted.
    template <class Condition>
    [[nodiscard]] bool eventually(Condition holds) const {
        const auto deadline = clock::now() + 10s;
        while (!holds()) {
            if (clock::now() > deadline) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }

    void wait_for_connection(std::uint64_t number) {
        ASSERT_TRUE(eventually([&] { return sums().connects >= number; }));
    }

    /// Stops, and says what went wrong in the script.
    std::string finish() {
        if (producer_) producer_->stop(clock::now() + 1s);
        return broker_->finish();
    }

    [[nodiscard]] std::string script_result() { return broker_->finish(); }

    std::shared_ptr<telemetry> bus{std::make_shared<telemetry>()};
    mqtt::io_lane lane_{"test-io"};
    readiness ready_{1};
    histogram latency_;
    fake_intake intake;
    std::optional<scripted_broker> broker_;
    std::unique_ptr<mqtt_producer> producer_;

  private:
    std::map<std::uint64_t, std::size_t> settled_; ///< how often, by token
};

} // namespace weir::connector
