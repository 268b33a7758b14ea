#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class failing_message : public ::testing::TestWithParam<weir::qos> {};

TEST_P(failing_message, is_brought_again_until_it_succeeds) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    tally attempts;
    tally handled;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            const auto number = number_in(m.data);
            attempts.add(number);
            if (number % 10 == 0 && m.attempt() < 3) return m.fail("not yet");
            if (number % 10 == 1 && m.attempt() < 2) throw std::runtime_error("not yet either");
            handled.add(number);
        }},
        consumer_options(broker.port(), mqtt::protocol_version::v5, GetParam()));
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, 50, GetParam());
    ASSERT_TRUE(eventually([&] { return handled.size() == 50; }));
    ASSERT_TRUE(eventually([&] { return running.stats().window_used == 0; })) << "all are acknowledged";
    EXPECT_EQ(attempts.times(0), 3u);
    EXPECT_EQ(attempts.times(1), 2u);
    EXPECT_EQ(attempts.times(2), 1u);
    const auto s = running.stats();
    EXPECT_EQ(s.acked, 50u);
    EXPECT_EQ(s.redelivered, 5u * 2 + 5u);
    EXPECT_EQ(s.connects, 1u) << "without a reconnect";
}

INSTANTIATE_TEST_SUITE_P(
    qos, failing_message, ::testing::Values(weir::qos::at_least_once, weir::qos::exactly_once));

TEST(failure, of_one_message_does_not_stop_the_others) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    tally handled;
    auto options = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    options.producer.max_inflight = 10;
    options.producer.redelivery.skip_after = 100ms;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            if (number_in(m.data) == 0) return m.fail("never");
            handled.add(number_in(m.data));
        }},
        options);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, 500, weir::qos::at_least_once);
    EXPECT_TRUE(eventually([&] { return handled.size() == 499; })) << handled.size();
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 1; }))
        << "only the failing one keeps its slot";
}

TEST(failure, is_acknowledged_when_so_configured) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    tally handled;
    auto options = consumer_options(broker.port(), mqtt::protocol_version::v4, weir::qos::at_least_once);
    options.producer.on_failure = weir::on_failure::ack;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            handled.add(number_in(m.data));
            m.fail("always");
        }},
        options);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port(), mqtt::protocol_version::v4);
    source.publish("numbers/a", 0, 100, weir::qos::at_least_once);
    ASSERT_TRUE(eventually([&] { return running.stats().acked == 100; }));
    EXPECT_EQ(handled.total(), 100u);
    EXPECT_EQ(running.stats().failed, 100u);
}

TEST(stop, leaves_only_the_failed_message_for_the_next_start) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    const auto options =
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    tally first;
    {
        auto running = weir::start(
            function_handler{[&](weir::message<weir::bytes>& m) {
                first.add(number_in(m.data));
                if (number_in(m.data) == 7) m.fail("not here");
            }},
            options);
        ASSERT_TRUE(running.wait_until_ready(10s));
        publisher source(broker.port());
        source.publish("numbers/a", 0, 100, weir::qos::at_least_once);
        ASSERT_TRUE(eventually([&] { return first.size() == 100; }));
        EXPECT_TRUE(running.stop().drained);
        EXPECT_EQ(running.stats().acked, 99u);
    }
    tally second;
    auto running = weir::start(counting(second), options);
    ASSERT_TRUE(eventually([&] { return running.stats().acked == 1; }));
    running.stop();
    EXPECT_THAT(second.numbers(), ElementsAre(7));
}

TEST(stop, finishes_what_is_in_flight_and_leaves_the_rest_with_the_broker) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 400;
    mosquitto broker("max_inflight_messages 0\n");
    const auto options =
        consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    tally first;
    {
        auto running = weir::start(
            function_handler{[&](weir::message<weir::bytes>& m) {
                std::this_thread::sleep_for(3ms); // work that takes a while, so that the window is full
                first.add(number_in(m.data));
            }},
            options);
        ASSERT_TRUE(running.wait_until_ready(10s));
        publisher source(broker.port());
        source.publish("numbers/a", 0, count, weir::qos::at_least_once);
        ASSERT_TRUE(source.wait());
        ASSERT_TRUE(eventually([&] { return running.stats().window_used >= 20; }));
        EXPECT_TRUE(running.stop().drained);
        EXPECT_EQ(running.stats().acked, first.size());
        EXPECT_EQ(first.total(), first.size());
        ASSERT_LT(first.size(), count) << "stopped on the way";
    }
    tally second;
    auto running = weir::start(counting(second), options);
    EXPECT_TRUE(eventually([&] { return first.size() + second.size() >= count; }));
    running.stop();
    std::vector<std::size_t> twice;
    for (std::size_t n = 0; n < count; ++n)
        if (first.times(n) + second.times(n) != 1) twice.push_back(n);
    EXPECT_THAT(twice, IsEmpty()) << "every message was handled exactly once";
}

} // namespace
} // namespace weir::testing
