// How a consumer begins and ends, with a real broker.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <weir/connector/end_session.hpp>
#include <weir/connector/error.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;

TEST(startup, that_waits_returns_when_messages_can_come) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.startup = connector::startup::wait;
    tally handled;
    auto running = weir::start(counting(handled), o);
    EXPECT_EQ(running.stats().connected, 1u);
    publisher source(broker.port());
    source.publish("numbers/a", 0, 1, weir::qos::at_least_once);
    EXPECT_TRUE(eventually([&] { return handled.size() == 1; }));
}

TEST(startup, that_waits_throws_when_nobody_answers_in_time) {
    auto o = consumer_options(free_port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.startup = connector::startup::wait;
    o.producer.startup_timeout = 200ms;
    tally handled;
    try {
        auto running = weir::start(counting(handled), o);
        FAIL() << "nothing was thrown";
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), connector::errc::not_ready_in_time) << e.what();
    }
    EXPECT_NO_THROW([&] { // the name is free again
        o.producer.startup = connector::startup::background;
        auto running = weir::start(counting(handled), o);
    }());
}

/// One of two producers is refused when the other one is ready.
TEST(startup, that_waits_throws_the_reason_of_a_refusal_and_closes_what_it_opened) {
    std::atomic<bool> first_is_ready{false};
    mqtt::testing::scripted_broker broker{
        {conversation{}
             .accept()
             .grant_subscribe()
             .run("ready", [&](auto&) { first_is_ready = true; })
             .expect(mqtt::disconnect{})
             .expect_eof(),
         conversation{}
             .expect_a<mqtt::connect>("CONNECT")
             .wait_until("the other one is ready", [&] { return first_is_ready.load(); })
             .send(mqtt::connack{.code = 0x87})},
        mqtt::testing::scripted_broker::pace::together};
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.startup = connector::startup::wait;
    o.producer.concurrency = 2;
    o.producer.shared_group = "g";
    tally handled;
    try {
        auto running = weir::start(counting(handled), o);
        FAIL() << "nothing was thrown";
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), mqtt::errc::connack_refused) << e.what();
        EXPECT_NE(std::string(e.what()).find("not_authorized"), std::string::npos) << e.what();
    }
    EXPECT_EQ(broker.finish(), "");
}

TEST(restart_mode, outlives_an_outage_without_using_up_anything) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.config.reconnect = 0;
    tally handled;
    auto running = weir::start(counting(handled), o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, 100, weir::qos::at_least_once);
    ASSERT_TRUE(eventually([&] { return running.stats().acked == 100; }));
    broker.stop();
    ASSERT_TRUE(eventually([&] { return running.stats().connected == 0; }));
    source.publish("numbers/a", 100, 100, weir::qos::at_least_once); // waits in the publisher
    std::this_thread::sleep_for(3s);                                 // the outage itself, many attempts long
    EXPECT_EQ(running.state(), pipeline::state::running);
    broker.start();
    EXPECT_TRUE(eventually([&] { return handled.size() == 200; })) << handled.size();
    // At least once: what was acknowledged as the broker stopped, it may not have read.
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; }));
    EXPECT_TRUE(running.stop().drained);
}

/// Three members take what one of them leaves behind, or not.
class leaving_member : public ::testing::Test {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        broker_.emplace();
    }

    [[nodiscard]] weir::options members(std::size_t how_many) const {
        auto o = consumer_options(broker_->port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
        o.producer.shared_group = "g";
        o.producer.concurrency = how_many;
        return o;
    }

    /// Starts three, stops them, publishes, and starts two: how many of 300 messages arrive.
    [[nodiscard]] std::size_t arrive_at_two_of_three(bool end_third) {
        tally handled;
        {
            auto three = weir::start(counting(handled), members(3));
            EXPECT_TRUE(three.wait_until_ready(10s));
        }
        if (end_third) {
            auto who = members(3).producer.config;
            who.clientid += "_2";
            EXPECT_TRUE(connector::end_session(who));
        }
        publisher source(broker_->port());
        source.publish("numbers/a", 0, 300, weir::qos::at_least_once);
        EXPECT_TRUE(source.wait());
        auto two = weir::start(counting(handled), members(2));
        static_cast<void>(eventually([&] { return handled.size() == 300; }, end_third ? 20s : 2s));
        return handled.size();
    }

    std::optional<mosquitto> broker_;
};

TEST_F(leaving_member, keeps_its_share_as_long_as_its_session_lasts) {
    EXPECT_LT(arrive_at_two_of_three(false), 300u);
}

TEST_F(leaving_member, strands_nothing_when_its_session_has_ended) {
    EXPECT_EQ(arrive_at_two_of_three(true), 300u);
}

TEST_F(leaving_member, ends_its_session_with_a_stop_when_so_configured) {
    for (const auto version : {mqtt::protocol_version::v5, mqtt::protocol_version::v4}) {
        auto o = consumer_options(broker_->port(), version, weir::qos::at_least_once, "ending");
        o.producer.on_stop = connector::on_stop::end_session;
        tally handled;
        {
            auto running = weir::start(counting(handled), o);
            ASSERT_TRUE(running.wait_until_ready(10s));
        }
        publisher source(broker_->port());
        source.publish("numbers/a", 0, 10, weir::qos::at_least_once);
        ASSERT_TRUE(source.wait());
        auto running = weir::start(counting(handled), o);
        ASSERT_TRUE(running.wait_until_ready(10s));
        source.publish("numbers/a", 10, 1, weir::qos::at_least_once);
        ASSERT_TRUE(eventually([&] { return handled.times(10) == 1; }));
        EXPECT_EQ(handled.size(), 1u) << "nobody kept the others";
    }
}

} // namespace
} // namespace weir::testing
