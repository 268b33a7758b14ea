// QoS 0 at more than a sink takes: what becomes of it is the policy's choice, and is counted.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using enum mqtt::qos0_buffer_policy;

class qos0_policy : public ::testing::TestWithParam<mqtt::qos0_buffer_policy> {
  protected:
    [[nodiscard]] static weir::options options(std::uint16_t port) {
        auto o = consumer_options(port, mqtt::protocol_version::v5, weir::qos::at_most_once);
        o.producer.topics = {{"numbers/#", weir::qos::at_most_once}, {"orders/#", weir::qos::at_least_once}};
        o.producer.config.qos0_buffer_messages = 100;
        o.producer.config.qos0_buffer_policy = GetParam();
        o.processors = {.concurrency = 2, .max_demand = 2};
        return o;
    }
};

/// What is published last shows that everything before it has been received.
TEST_P(qos0_policy, counts_all_that_it_does_not_deliver) {
    WEIR_NEEDS_MOSQUITTO();
    const bool drops = GetParam() != pause_reading;
    mosquitto broker;
    std::atomic<std::size_t> numbers{0};
    std::atomic<std::size_t> orders{0};
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            std::this_thread::sleep_for(1ms); // two thousand a second at most
            ++(m.metadata.topic().starts_with("orders/") ? orders : numbers);
        }},
        options(broker.port()));
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    std::size_t published = 0;
    ASSERT_TRUE(eventually([&] {
        if (published < numbers + 2'000) {
            source.publish("numbers/a", published, 200, weir::qos::at_most_once);
            published += 200;
        }
        return drops ? running.stats().qos0_overflowed > 0 : numbers > 500;
    }));
    source.publish("orders/a", "0", weir::qos::at_least_once);
    ASSERT_TRUE(eventually(
        [&] {
            const auto s = running.stats();
            return orders == 1 && s.acked == 1 && s.qos0_waiting == 0 &&
                   s.succeeded + s.qos0_dropped == s.received;
        },
        60s))
        << running.stats().received;
    const auto s = running.stats();
    EXPECT_EQ(numbers + 1 + s.qos0_dropped, s.received);
    EXPECT_EQ(s.qos0_dropped, s.qos0_overflowed);
    EXPECT_EQ(s.qos0_dropped > 0, drops);
    EXPECT_LE(s.received, published + 1);
}

std::string name_of(const ::testing::TestParamInfo<mqtt::qos0_buffer_policy>& one) {
    switch (one.param) {
    case drop_oldest: return "drop_oldest";
    case drop_newest: return "drop_newest";
    case keep_latest: return "keep_latest";
    case pause_reading: return "pause_reading";
    }
    return {};
}

INSTANTIATE_TEST_SUITE_P(
    every, qos0_policy, ::testing::Values(drop_oldest, drop_newest, keep_latest, pause_reading), name_of);

} // namespace
} // namespace weir::testing
