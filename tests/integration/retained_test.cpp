// Retained messages and restarts.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"

#include <weir/mqtt/messenger.hpp>

#include <gtest/gtest.h>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

class retained : public ::testing::TestWithParam<mqtt::protocol_version> {};

/// Publishes a retained message, and then what shows that a consumer has got all that came before.
class source {
  public:
    explicit source(std::uint16_t port)
        : client_([port] {
            mqtt::client_options o;
            o.host = "127.0.0.1";
            o.port = port;
            o.clientid = "source";
            return o;
        }()) {
        EXPECT_TRUE(client_.connect().get(10s));
    }

    void publish(std::size_t number, bool retain) {
        const auto level = mqtt::qos::at_least_once;
        ASSERT_TRUE(client_.publish("numbers/a", std::to_string(number), level, retain).get(10s));
    }

  private:
    mqtt::messenger client_;
};

TEST_P(retained, messages_come_again_only_where_the_version_cannot_help_it) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    source from(broker.port());
    from.publish(1, true);
    tally handled;
    const auto consume = [&](std::size_t last) {
        auto running = weir::start(
            counting(handled), consumer_options(broker.port(), GetParam(), weir::qos::at_least_once));
        ASSERT_TRUE(running.wait_until_ready(10s));
        from.publish(last, false);
        EXPECT_TRUE(eventually([&] { return handled.times(last) == 1; }));
        running.stop();
    };
    consume(2);
    EXPECT_EQ(handled.times(1), 1u);
    consume(3);
    EXPECT_EQ(handled.times(1), GetParam() == mqtt::protocol_version::v5 ? 1u : 2u);
}

/// The standard has none for shared subscriptions [MQTT 5.0, 4.8.2], and a program must not count on them.
TEST_P(retained, messages_come_to_a_group_at_mosquitto) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    source from(broker.port());
    from.publish(1, true);
    tally handled;
    auto o = consumer_options(broker.port(), GetParam(), weir::qos::at_least_once);
    o.producer.shared_group = "g";
    auto running = weir::start(counting(handled), o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    from.publish(2, false);
    EXPECT_TRUE(eventually([&] { return handled.times(2) == 1; }));
    EXPECT_EQ(handled.times(1), 1u) << "docs/guide/scaling-out.md says so";
}

INSTANTIATE_TEST_SUITE_P(
    versions, retained, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

} // namespace
} // namespace weir::testing
