#include "producer_fixture.hpp"

#include <weir/connector/end_session.hpp>
#include <weir/connector/error.hpp>
#include <weir/connector/events.hpp>

#include <atomic>
#include <mutex>
#include <stdexcept>

namespace weir::connector {
namespace {

using mqtt::property_id;
using mqtt::reason_code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Subscriptions the broker does not grant as asked; restarts; what becomes of the session at a stop.
class starting : public producer_test {
  protected:
    [[nodiscard]] static conversation answered(std::vector<reason_code> codes) {
        return conversation{}
            .accept()
            .expect_a<mqtt::subscribe>("SUBSCRIBE")
            .send(mqtt::suback{.packet_id = 1, .codes = std::move(codes)});
    }

    [[nodiscard]] std::optional<error> failure() {
        static_cast<void>(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
        return intake.seen().failure;
    }
};

TEST_F(starting, goes_on_with_the_filters_that_were_granted_when_any_will_do) {
    options.topics = {{"a", mqtt::qos::at_least_once}, {"b", mqtt::qos::at_least_once}};
    options.subscription_policy = subscription_policy::any;
    follow({answered({reason_code::granted_qos_1, reason_code::not_authorized})
                .send(qos1(1))
                .expect(puback(1))});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    ASSERT_TRUE(intake.wait_for_messages(1));
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_FALSE(intake.seen().failure);
}

TEST_F(starting, needs_one_filter_at_least) {
    options.subscription_policy = subscription_policy::any;
    follow({answered({reason_code::not_authorized}).expect(mqtt::disconnect{})});
    start();
    EXPECT_EQ(failure()->code, errc::subscription_refused);
    EXPECT_EQ(finish(), "");
}

TEST_F(starting, takes_a_lower_qos_for_a_refusal_when_told_to_be_strict) {
    options.strict_qos = true;
    follow({answered({reason_code::granted_qos_1}).expect(mqtt::disconnect{})});
    start();
    EXPECT_EQ(failure()->code, errc::subscription_refused);
    EXPECT_THAT(failure()->detail, HasSubstr("granted only"));
    EXPECT_EQ(finish(), "");
}

TEST_F(starting, takes_a_lower_qos_otherwise) {
    follow({answered({reason_code::granted_qos_1})});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(starting, asks_again_after_a_refusal_when_nothing_is_fatal) {
    options.on_fatal = on_fatal::retry;
    follow({answered({reason_code::quota_exceeded}).grant_subscribe()});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    EXPECT_FALSE(intake.seen().failure);
}

TEST_F(starting, connects_again_after_a_refusal_and_the_longest_pause_when_nothing_is_fatal) {
    options.on_fatal = on_fatal::retry;
    options.config.backoff_min = 1ms;
    options.config.backoff_max = 150ms;
    std::mutex mutex;
    std::vector<std::pair<duration, time_point>> failures; // pause announced, and when
    bus->attach<events::connection_attempt_failed>("test", [&](const auto& e) {
        const std::lock_guard lock(mutex);
        failures.emplace_back(e.delay, e.origin.time);
    });
    const auto refused =
        conversation{}.accept({.code = static_cast<std::uint8_t>(reason_code::not_authorized)});
    follow({refused, refused, ready()});
    start();
    EXPECT_TRUE(ready_.wait(30s));
    const auto connected = clock::now();
    EXPECT_EQ(finish(), "");
    bus->detach("test");
    ASSERT_EQ(failures.size(), 2u);
    EXPECT_EQ(failures[0].first, 150ms);
    EXPECT_EQ(failures[1].first, 150ms);
    EXPECT_GE(failures[1].second - failures[0].second, 150ms);
    EXPECT_GE(connected - failures[1].second, 150ms);
    EXPECT_FALSE(intake.seen().failure);
}

TEST_F(starting, a_second_consumer_of_the_same_id_ends_the_first_for_good) {
    std::atomic<int> attempts{0};
    std::atomic<int> retries{0};
    bus->attach<events::connection_attempt_failed>("test", [&](const auto&) { ++attempts; });
    bus->attach<events::connection_down>("test", [&](const auto& e) { retries += e.will_retry ? 1 : 0; });
    follow({ready().send(mqtt::disconnect{.code = reason_code::session_taken_over}).close()});
    start();
    EXPECT_EQ(failure()->code, mqtt::errc::session_taken_over);
    EXPECT_EQ(script_result(), "");
    EXPECT_FALSE(intake.wait_for([&](const auto&) { return attempts > 0; }, 100ms))
        << "in many times backoff_max";
    producer_->stop(clock::now() + 1s);
    bus->detach("test");
    EXPECT_EQ(retries, 0);
    EXPECT_EQ(sums().connects, 1u);
}

TEST_F(starting, leaves_what_an_older_configuration_had) {
    options.unsubscribe = {"$share/g/old"};
    follow({conversation{}.accept().grant_subscribe().run("UNSUBSCRIBE", [](auto& c) {
        const auto got = c.next(clock::now() + 5s);
        const auto& packet = std::get<mqtt::unsubscribe>(got->packet);
        EXPECT_THAT(packet.filters, ElementsAre("$share/g/old"));
        c.send(mqtt::unsuback{.packet_id = packet.packet_id, .codes = {reason_code::success}});
    })});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(script_result(), "");
}

TEST_F(starting, again_is_the_pipelines_matter_when_the_client_may_not_reconnect) {
    options.config.reconnect = 0;
    std::mutex mutex;
    std::vector<std::string> told;
    const auto note = [&](std::string what) {
        const std::lock_guard lock(mutex);
        told.push_back(std::move(what));
    };
    bus->attach<events::producer_init>("test", [&](const auto&) { note("init"); });
    bus->attach<events::producer_terminate>(
        "test", [&](const auto& e) { note("terminate " + std::to_string(bool(e.reason))); });
    follow(
        {ready().send(qos1(1)).wait_until("delivered", [&] { return intake.messages() == 1; }).close(),
         conversation{}
             .accept({.session_present = true})
             .send(qos1(1, true))
             .expect(puback(1))
             .send(qos1(2))
             .expect(puback(2))
             .expect(mqtt::disconnect{})});
    start();
    ASSERT_EQ(failure()->code, mqtt::errc::peer_closed) << "stopped, to be restarted";
    succeed(0); // while it is down
    producer_->stop(clock::now() + 1s);
    producer_->start(intake);
    producer_->demand(100); // the pipeline asks for all of it again
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    EXPECT_TRUE(eventually([&] { return sums().acked == 2; }));
    EXPECT_EQ(finish(), "");
    EXPECT_THAT(told, ElementsAre("init", "terminate 1", "init", "terminate 0"));
    bus->detach("test");
}

TEST_F(starting, and_stopping_for_good_ends_the_session) {
    options.on_stop = on_stop::end_session;
    mqtt::disconnect last;
    last.props.set(property_id::session_expiry_interval, 0);
    follow({ready().expect(last).expect_eof()});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(starting, and_stopping_for_good_takes_another_connection_on_3_1_1) {
    options.config.proto_ver = mqtt::protocol_version::v4;
    options.on_stop = on_stop::end_session;
    follow(
        {ready().expect(mqtt::disconnect{}).expect_eof(),
         conversation{}
             .expect_a<mqtt::connect>(
                 "CONNECT", [](const auto& c) { return c.clean_start && c.client_id == "tester_0"; })
             .send(mqtt::connack{})
             .expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(starting, tells_that_the_session_is_kept_for_less_long) {
    std::atomic<std::uint32_t> granted{0};
    bus->attach<events::session_limited>("test", [&](const auto& e) { granted = e.granted; });
    mqtt::connack answer;
    answer.props.set(property_id::session_expiry_interval, 60);
    follow({conversation{}.accept(answer).grant_subscribe()});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(granted, 60u);
    EXPECT_EQ(finish(), "");
}

TEST(end_session, comes_with_a_clean_start_and_leaves_nothing) {
    scripted_broker broker{{conversation{}
                                .expect_a<mqtt::connect>(
                                    "CONNECT",
                                    [](const mqtt::connect& c) {
                                        return c.clean_start && c.client_id == "gone_2" && !c.will &&
                                               !c.props.number(property_id::session_expiry_interval);
                                    })
                                .send(mqtt::connack{})
                                .expect(mqtt::disconnect{})}};
    mqtt::client_options who;
    who.host = "127.0.0.1";
    who.port = broker.port();
    who.clientid = "gone_2";
    who.session_expiry = 60;
    who.clean_start = false;
    EXPECT_TRUE(end_session(who));
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(end_session(who).error().code, mqtt::errc::connect_refused) << "nobody listens any more";
    who.clientid.clear();
    EXPECT_THROW(static_cast<void>(end_session(who)), std::invalid_argument);
}

} // namespace
} // namespace weir::connector
