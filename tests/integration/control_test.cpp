// What an operator changes while messages flow.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t count = 500;

class control : public ::testing::Test {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        broker_.emplace();
    }

    [[nodiscard]] connector::options options() const {
        auto o = consumer_options(broker_->port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
        o.producer.max_inflight = 20;
        return o;
    }

    /// Numbers from `first`, all taken by the broker.
    void publish(std::size_t first) const {
        publisher source(broker_->port());
        source.publish("numbers/a", first, count, weir::qos::at_least_once);
        ASSERT_TRUE(source.wait());
    }

    std::optional<mosquitto> broker_;
    tally handled_;
};

TEST_F(control, pausing_leaves_messages_with_the_broker_until_it_is_resumed) {
    auto running = weir::start(counting(handled_), options());
    ASSERT_TRUE(running.wait_until_ready(10s));
    running.pause();
    EXPECT_TRUE(running.paused());
    publish(0);
    ASSERT_TRUE(eventually([&] { return running.stats().window_used == 20; }));
    EXPECT_LE(running.stats().received, 20u);

    running.resume();
    EXPECT_FALSE(running.paused());
    EXPECT_TRUE(eventually([&] { return handled_.size() == count; })) << handled_.size();
    EXPECT_EQ(running.stats().connects, 1u);
}

TEST_F(control, workers_come_and_go) {
    auto running = weir::start(counting(handled_), options());
    ASSERT_TRUE(running.wait_until_ready(10s));
    std::size_t sent = 0;
    for (const std::size_t n : {8U, 1U, 3U}) {
        EXPECT_TRUE(running.set_processors(n));
        EXPECT_EQ(running.processors(), n);
        EXPECT_EQ(running.describe().value().processors.concurrency, n);
        publish(sent);
        sent += count;
        EXPECT_TRUE(eventually([&] { return handled_.size() == sent; })) << handled_.size();
    }
    EXPECT_FALSE(running.set_batch_processors("none", 2)) << "there is no such batcher";
    EXPECT_EQ(running.batch_processors("none"), 0u);
    EXPECT_TRUE(running.stop().drained);
    EXPECT_EQ(handled_.total(), sent);
}

TEST_F(control, a_rate_limit_is_lifted_at_once) {
    auto o = options();
    o.rate_limiting = {.allowed_messages = 5, .interval = 1h};
    auto running = weir::start(counting(handled_), o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publish(0);
    ASSERT_TRUE(eventually([&] { return handled_.size() == 5; }));
    EXPECT_EQ(running.rate_limiting().value().allowed_messages, 5u);

    EXPECT_TRUE(running.update_rate_limiting({.allowed_messages = 100'000}, true));
    EXPECT_TRUE(eventually([&] { return handled_.size() == count; })) << handled_.size();
}

} // namespace
} // namespace weir::testing
