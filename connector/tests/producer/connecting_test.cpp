#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>

namespace weir::connector {
namespace {

using mqtt::property_id;
using ::testing::HasSubstr;

class connecting : public producer_test {};

TEST_F(connecting, asks_for_a_lasting_session_under_the_id_of_the_producer) {
    options.max_inflight = 7;
    follow({conversation{}
                .expect_a<mqtt::connect>(
                    "CONNECT",
                    [](const mqtt::connect& c) {
                        return c.client_id == "tester_0" && !c.clean_start &&
                               c.props.number(property_id::session_expiry_interval) == 86'400u &&
                               c.props.number(property_id::receive_maximum) == 7u;
                    })
                .send(mqtt::connack{})
                .grant_subscribe()});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, subscribes_to_all_filters_at_once_even_when_the_session_was_kept) {
    options.topics = {{"a", mqtt::qos::at_least_once}, {.filter = "b", .retain_as_published = true}};
    options.shared_group = "g";
    follow({conversation{}
                .accept({.session_present = true})
                .expect_a<mqtt::subscribe>(
                    "SUBSCRIBE of both",
                    [](const mqtt::subscribe& s) {
                        using mqtt::retain_handling;
                        return s.subscriptions == std::vector<mqtt::subscription>{
                                                      {.filter = "$share/g/a",
                                                       .qos = mqtt::qos::at_least_once,
                                                       .retain_handling = retain_handling::send_if_new},
                                                      {.filter = "$share/g/b",
                                                       .retain_as_published = true,
                                                       .retain_handling = retain_handling::send_if_new}};
                    })
                .send(mqtt::suback{
                    .packet_id = 1,
                    .codes = {mqtt::reason_code::granted_qos_1, mqtt::reason_code::granted_qos_0}})});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, later_connections_subscribe_only_when_the_session_is_gone) {
    follow(
        {ready().close(), conversation{}.accept({.session_present = true}).expect_nothing(50ms).close(),
         conversation{}
             .accept({.session_present = false})
             .grant_subscribe()
             .send(qos1(1))
             .expect(puback(1))});
    start();
    EXPECT_TRUE(intake.wait_for_messages(1)) << "the third connection delivers";
    succeed(0);
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(sums().connects, 3u);
}

conversation clean(bool start, mqtt::connack answer = {}) {
    return conversation{}
        .expect_a<mqtt::connect>(
            start ? "CONNECT with a clean start" : "CONNECT without",
            [start](const mqtt::connect& c) { return c.clean_start == start; })
        .send(std::move(answer));
}

TEST_F(connecting, a_clean_start_is_for_the_first_connection_where_the_session_can_outlive_one) {
    options.config.clean_start = true;
    options.config.session_expiry = 60;
    follow(
        {clean(true).grant_subscribe().close(),
         clean(false, {.session_present = true}).expect(mqtt::disconnect{})});
    start();
    wait_for_connection(2);
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, a_clean_start_on_3_1_1_subscribes_on_every_connection) {
    options.config.clean_start = true;
    options.config.proto_ver = mqtt::protocol_version::v4;
    follow({clean(true).grant_subscribe().close(), clean(true).grant_subscribe().expect(mqtt::disconnect{})});
    start();
    wait_for_connection(2);
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, subscribes_on_the_next_connection_when_the_first_went_before_the_answer) {
    follow({conversation{}.accept().expect_a<mqtt::subscribe>("SUBSCRIBE").reset(), ready(true)});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, messages_before_the_suback_are_taken) {
    follow({conversation{}
                .accept()
                .send(qos1(1))
                .expect_a<mqtt::subscribe>("SUBSCRIBE")
                .wait_until("delivered", [&] { return intake.messages() == 1; })});
    start();
    EXPECT_EQ(script_result(), "");
}

TEST_F(connecting, a_refused_filter_ends_the_pipeline_and_leaves_in_good_order) {
    options.topics = {{"a", mqtt::qos::at_least_once}, {"b", mqtt::qos::at_least_once}};
    follow({conversation{}
                .accept()
                .expect_a<mqtt::subscribe>("SUBSCRIBE")
                .send(mqtt::suback{
                    .packet_id = 1,
                    .codes = {mqtt::reason_code::granted_qos_1, mqtt::reason_code::not_authorized}})
                .expect(mqtt::disconnect{})
                .expect_eof()});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    const auto failure = *intake.seen().failure;
    EXPECT_EQ(failure.code, errc::subscription_refused);
    EXPECT_THAT(failure.detail, HasSubstr("b: not_authorized"));
    EXPECT_EQ(ready_.wait(0ms).error(), failure);
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, a_broker_without_shared_subscriptions_is_not_for_groups) {
    options.shared_group = "g";
    mqtt::connack answer;
    answer.props.set(property_id::shared_subscription_available, 0);
    follow({conversation{}.accept(answer).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    EXPECT_EQ(intake.seen().failure->code, mqtt::errc::shared_not_supported);
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, a_refusal_that_will_not_change_ends_the_pipeline) {
    follow({conversation{}.accept({.code = static_cast<std::uint8_t>(mqtt::reason_code::not_authorized)})});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    EXPECT_EQ(intake.seen().failure->code, mqtt::errc::connack_refused);
    EXPECT_EQ(finish(), "");
}

TEST_F(connecting, a_refusal_that_may_pass_is_tried_again) {
    follow(
        {conversation{}.accept({.code = static_cast<std::uint8_t>(mqtt::reason_code::server_busy)}),
         ready()});
    start();
    EXPECT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    EXPECT_FALSE(intake.seen().failure);
}

TEST_F(connecting, starts_and_stops_at_once_whatever_the_broker_does) {
    follow({conversation{}.run("say nothing", [](auto& c) {
        while (!c.stopping() && c.next(clock::now() + 100ms)) {
        }
    })});
    const auto begin = clock::now();
    start();
    EXPECT_LT(clock::now() - begin, 5s);
    producer_->drain();
    producer_->stop(clock::now() + 1s);
    EXPECT_LT(clock::now() - begin, 10s);
    producer_.reset();
}

} // namespace
} // namespace weir::connector
