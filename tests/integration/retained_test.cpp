// Retained messages and restarts.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"

#include <weir/mqtt/messenger.hpp>

#include <gtest/gtest.h>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

class retained : public ::testing::TestWithParam<mqtt::protocol_version> {};

TEST_P(retained, messages_come_again_only_where_the_version_cannot_help_it) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    mqtt::client_options o;
    o.host = "127.0.0.1";
    o.port = broker.port();
    o.clientid = "source";
    mqtt::messenger source(o);
    ASSERT_TRUE(source.connect().get(10s));
    ASSERT_TRUE(source.publish("numbers/a", "1", mqtt::qos::at_least_once, true).get(10s));
    tally handled;
    const auto consume = [&](std::size_t last) {
        auto running = weir::start(
            counting(handled), consumer_options(broker.port(), GetParam(), weir::qos::at_least_once));
        ASSERT_TRUE(running.wait_until_ready(10s));
        ASSERT_TRUE(
            source.publish("numbers/a", std::to_string(last), mqtt::qos::at_least_once, false).get(10s));
        EXPECT_TRUE(eventually([&] { return handled.times(last) == 1; }));
        running.stop();
    };
    consume(2);
    EXPECT_EQ(handled.times(1), 1u);
    consume(3);
    EXPECT_EQ(handled.times(1), GetParam() == mqtt::protocol_version::v5 ? 1u : 2u);
}

INSTANTIATE_TEST_SUITE_P(
    versions, retained, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

} // namespace
} // namespace weir::testing
