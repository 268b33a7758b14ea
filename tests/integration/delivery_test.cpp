#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <tuple>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

/// Every version with every QoS, from a publisher through a real broker to a handler.
class delivery : public ::testing::TestWithParam<std::tuple<mqtt::protocol_version, weir::qos>> {
  protected:
    [[nodiscard]] static mqtt::protocol_version version() { return std::get<0>(GetParam()); }

    [[nodiscard]] static weir::qos level() { return std::get<1>(GetParam()); }
};

TEST_P(delivery, every_message_reaches_the_handler_once_and_is_acknowledged) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 2'000;
    mosquitto broker;
    tally handled;
    auto options = consumer_options(broker.port(), version(), level());
    options.producer.config.qos0_buffer_messages = count; // a burst is no reason to drop any
    auto running = weir::start(counting(handled), options);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port(), version());
    source.publish("numbers/a", 0, count, level());
    ASSERT_TRUE(source.wait());
    ASSERT_TRUE(eventually([&] { return handled.total() >= count; })) << handled.total();

    const auto report = running.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_THAT(handled.missing(0, count), IsEmpty());
    EXPECT_EQ(handled.total(), count);
    const auto s = running.stats();
    EXPECT_EQ(s.received, count);
    EXPECT_EQ(s.succeeded, count);
    EXPECT_EQ(s.acked, level() == weir::qos::at_most_once ? 0 : count);
    EXPECT_EQ(s.window_used, 0u);
    EXPECT_EQ(s.connects, 1u);
}

std::string case_name(const ::testing::TestParamInfo<delivery::ParamType>& info) {
    return std::string(to_string(std::get<0>(info.param))) + "_qos" +
           std::to_string(static_cast<int>(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(
    versions, delivery,
    ::testing::Combine(
        ::testing::Values(mqtt::protocol_version::v3, mqtt::protocol_version::v4, mqtt::protocol_version::v5),
        ::testing::Values(weir::qos::at_most_once, weir::qos::at_least_once, weir::qos::exactly_once)),
    case_name);

// Mosquitto 2.0 sends what it has queued regardless of Receive Maximum once it has got its first ack.
TEST(burst, beyond_the_window_is_borne_on_one_connection) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 2'000;
    mosquitto broker("max_inflight_messages 0\n");
    tally handled;
    auto options = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    options.producer.max_inflight = 20;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            std::this_thread::sleep_for(500us);
            handled.add(number_in(m.data));
        }},
        options);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, count, weir::qos::at_least_once);
    ASSERT_TRUE(eventually([&] { return handled.total() >= count; }));
    EXPECT_EQ(handled.total(), count);
    EXPECT_EQ(running.stats().connects, 1u);
}

TEST(shared_group, three_connections_share_the_messages) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 3'000;
    mosquitto broker;
    tally handled;
    tally connections;
    auto options = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    options.producer.shared_group = "g";
    options.producer.concurrency = 3;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            handled.add(number_in(m.data));
            connections.add(m.metadata.producer_index());
        }},
        options);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, count, weir::qos::at_least_once);
    ASSERT_TRUE(source.wait());
    ASSERT_TRUE(eventually([&] { return handled.size() == count; })) << handled.size();
    EXPECT_EQ(handled.total(), count) << "each message goes to one connection";
    EXPECT_EQ(connections.size(), 3u) << "all connections took part";
    EXPECT_EQ(running.stats().connected, 3u);
}

TEST(metadata, is_that_of_the_publish) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    std::mutex mutex;
    std::optional<weir::inbound> seen;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            const std::lock_guard lock(mutex);
            seen = m.metadata;
        }},
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::exactly_once));
    ASSERT_TRUE(running.wait_until_ready(10s));
    const auto before = std::chrono::system_clock::now();
    publisher source(broker.port());
    source.publish("numbers/x/y", 42, 1, weir::qos::exactly_once);
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return seen.has_value();
    }));
    running.stop();
    EXPECT_EQ(seen->topic(), "numbers/x/y");
    EXPECT_EQ(seen->payload(), "42");
    EXPECT_EQ(seen->qos(), weir::qos::exactly_once);
    EXPECT_NE(seen->packet_id(), 0);
    EXPECT_EQ(seen->client_id(), "consumer_0");
    EXPECT_EQ(seen->matched_filter(), "numbers/#");
    EXPECT_GE(seen->received_at(), before);
}

} // namespace
} // namespace weir::testing
