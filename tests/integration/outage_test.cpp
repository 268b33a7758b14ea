#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

class outage : public ::testing::TestWithParam<mqtt::protocol_version> {};

TEST_P(outage, of_the_broker_loses_nothing) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 3'000;
    mosquitto broker;
    tally handled;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            std::this_thread::sleep_for(200us);
            handled.add(number_in(m.data));
        }},
        consumer_options(broker.port(), GetParam(), weir::qos::at_least_once));
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port(), GetParam());
    source.publish("numbers/a", 0, count, weir::qos::at_least_once);
    ASSERT_TRUE(eventually([&] { return handled.size() > 300; }));
    broker.stop();
    ASSERT_LT(handled.size(), count) << "stopped on the way";
    broker.start();
    ASSERT_TRUE(source.wait());
    EXPECT_TRUE(eventually([&] { return handled.size() == count; }));
    EXPECT_THAT(handled.missing(0, count), IsEmpty());
    // A broker that is going down may still take a connection; anything beyond that would be a storm.
    EXPECT_THAT(running.stats().connects, ::testing::AllOf(::testing::Ge(2u), ::testing::Le(4u)));
}

INSTANTIATE_TEST_SUITE_P(
    versions, outage, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5));

TEST(outage, that_lasts_is_outlived) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    tally handled;
    auto running = weir::start(
        counting(handled),
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::exactly_once));
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, 100, weir::qos::exactly_once);
    ASSERT_TRUE(source.wait());
    ASSERT_TRUE(eventually([&] { return handled.size() == 100; }));
    broker.stop();
    ASSERT_TRUE(eventually([&] { return running.stats().connected == 0; }));
    source.publish("numbers/a", 100, 100, weir::qos::exactly_once); // waits in the publisher
    std::this_thread::sleep_for(3s);                                // the outage itself, many attempts long
    EXPECT_EQ(running.state(), pipeline::state::running);
    broker.start();
    ASSERT_TRUE(source.wait());
    EXPECT_TRUE(eventually([&] { return handled.size() == 200; }));
    EXPECT_THAT(handled.missing(0, 200), IsEmpty());
}

TEST(outage, of_a_broker_that_forgets_everything_is_healed) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    tally handled;
    auto running = weir::start(
        counting(handled),
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once));
    ASSERT_TRUE(running.wait_until_ready(10s));
    broker.kill(); // nothing was saved: session and subscriptions are gone
    broker.start();
    ASSERT_TRUE(eventually([&] { return running.stats().connects == 2; }));
    // A publish may still come before the new subscription stands; the broker drops it then.
    publisher source(broker.port());
    ASSERT_TRUE(eventually([&] {
        source.publish("numbers/a", 1, 1, weir::qos::at_least_once);
        return source.wait() && handled.size() == 1;
    }));
}

TEST(outage, at_the_start_is_waited_for) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    broker.stop();
    tally handled;
    auto running = weir::start(
        counting(handled),
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once));
    EXPECT_FALSE(running.wait_until_ready(100ms));
    broker.start();
    EXPECT_TRUE(running.wait_until_ready(10s));
}

} // namespace
} // namespace weir::testing
