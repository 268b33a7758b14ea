#include "producer_fixture.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

class draining : public producer_test {
  protected:
    void drain() {
        producer_->drain();
        ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.drained; }));
    }
};

TEST_F(draining, finishes_what_is_in_flight_then_takes_its_leave) {
    auto script = ready();
    for (std::uint16_t id = 1; id <= 100; ++id)
        script.send(qos1(id));
    for (std::uint16_t id = 1; id <= 100; ++id)
        script.expect(puback(id));
    follow({script.expect(mqtt::disconnect{}).expect_eof()});
    start();
    ASSERT_TRUE(intake.wait_for_messages(100));
    drain();
    for (std::size_t i = 100; i-- > 0;)
        succeed(i);
    EXPECT_EQ(finish(), "") << "no UNSUBSCRIBE, all acks, DISCONNECT";
}

TEST_F(draining, leaves_what_was_not_delivered_with_the_broker) {
    follow({ready().send(qos1(1)).send(qos1(2)).send(qos1(3)).expect(puback(1)).expect(mqtt::disconnect{})});
    start(1);
    ASSERT_TRUE(intake.wait_for_messages(1));
    drain();
    producer_->demand(10);
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.entries.size() > 1; }, 50ms));
    succeed(0);
    EXPECT_EQ(finish(), "");
}

/// Ways for a session to be gone when the process has ended.
struct passing_session {
    std::string name;
    std::function<void(producer_options&)> options;
    std::uint32_t granted_expiry{60};
    bool ended_by_another_connection{false}; ///< MQTT 3.x cannot say so in DISCONNECT
};

class draining_a_passing_session : public draining, public ::testing::WithParamInterface<passing_session> {};

TEST_P(draining_a_passing_session, delivers_all_that_was_received) {
    GetParam().options(options);
    mqtt::connack answer;
    if (options.config.proto_ver == mqtt::protocol_version::v5)
        answer.props.set(mqtt::property_id::session_expiry_interval, GetParam().granted_expiry);
    std::vector script{conversation{}
                           .accept(answer)
                           .grant_subscribe()
                           .send(qos1(1))
                           .send(qos1(2))
                           .send(qos1(3))
                           .send(publish_packet("4", mqtt::qos::at_most_once))
                           .expect(puback(1))
                           .expect(puback(2))
                           .expect(puback(3))
                           .expect_a<mqtt::disconnect>("DISCONNECT")
                           .expect_eof()};
    if (GetParam().ended_by_another_connection)
        script.push_back(conversation{}.accept().expect(mqtt::disconnect{}).expect_eof());
    follow(std::move(script));
    start(1);
    ASSERT_TRUE(eventually([&] { return sums().qos0_waiting == 1; }));
    EXPECT_EQ(intake.messages(), 1u);
    drain();
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "2", "3", "4"));
    for (std::size_t i = 0; i < 4; ++i)
        succeed(i);
    EXPECT_EQ(finish(), "");
}

INSTANTIATE_TEST_SUITE_P(
    sessions, draining_a_passing_session,
    ::testing::Values(
        passing_session{"clean_start", [](auto& o) { o.config.clean_start = true; }},
        passing_session{"ended_on_purpose", [](auto& o) { o.on_stop = on_stop::end_session; }},
        passing_session{
            "ended_on_purpose_on_3_1_1",
            [](auto& o) {
                o.on_stop = on_stop::end_session;
                o.config.proto_ver = mqtt::protocol_version::v4;
            },
            0, true},
        passing_session{"not_kept_by_the_broker", [](auto&) {}, 0}),
    [](const auto& one) { return one.param.name; });

TEST_F(draining, delivers_qos_0_that_was_received_for_it_exists_nowhere_else) {
    follow({ready()
                .send(publish_packet("1", mqtt::qos::at_most_once))
                .send(publish_packet("2", mqtt::qos::at_most_once))
                .send(publish_packet("3", mqtt::qos::at_most_once))
                .expect(mqtt::disconnect{})});
    start(1);
    ASSERT_TRUE(intake.wait_for_messages(1));
    ASSERT_TRUE(eventually([&] { return sums().qos0_waiting == 2; }));
    drain();
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(sums().qos0_dropped, 0u);
}

/// Sends the one message that is still queued for a member before it answers the first ping; whether the
/// member has acknowledged it by the time it leaves.
bool leaves_after_the_queue(mqtt::testing::broker_connection& c) {
    bool was_sent = false;
    bool was_acknowledged = false;
    while (const auto p = c.next(clock::now() + 5s)) {
        if (std::holds_alternative<mqtt::pingreq>(p->packet)) {
            if (!std::exchange(was_sent, true)) c.send(qos1(2));
            c.send(mqtt::pingresp{});
        }
        if (std::holds_alternative<mqtt::ack>(p->packet)) was_acknowledged = true;
        if (std::holds_alternative<mqtt::disconnect>(p->packet)) return was_acknowledged;
    }
    return false;
}

TEST_F(draining, a_member_that_leaves_its_group_for_good_takes_what_is_queued_for_it) {
    options.shared_group = "g";
    options.on_stop = on_stop::end_session;
    std::atomic<bool> left_after_that{false};
    follow({ready()
                .send(qos1(1))
                .expect(puback(1))
                .expect_a<mqtt::unsubscribe>(
                    "UNSUBSCRIBE",
                    [](const mqtt::unsubscribe& u) {
                        return u.filters == std::vector<std::string>{"$share/g/a"};
                    })
                .send(mqtt::unsuback{.packet_id = 2, .codes = {mqtt::reason_code::success}})
                .run("the queue", [&](auto& c) { left_after_that = leaves_after_the_queue(c); })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    succeed(0);
    ASSERT_TRUE(eventually([&] { return sums().acked == 1; }));
    producer_->drain();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_FALSE(intake.seen().drained);
    succeed(1);
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.drained; }));
    EXPECT_EQ(finish(), "");
    EXPECT_TRUE(left_after_that);
}

TEST_F(draining, a_member_whose_message_ends_the_pipeline_takes_its_queue_all_the_same) {
    options.shared_group = "g";
    options.on_stop = on_stop::end_session;
    options.on_failure = on_failure::stop;
    std::atomic<bool> left_after_that{false};
    follow({ready()
                .send(qos1(1))
                .wait_until("first", [this] { return intake.messages() == 1; })
                .run("fail", [this](auto&) { fail(0); })
                .expect_a<mqtt::unsubscribe>("UNSUBSCRIBE", [](const auto&) { return true; })
                .send(mqtt::unsuback{.packet_id = 2, .codes = {mqtt::reason_code::success}})
                .run("the queue", [&](auto& c) { left_after_that = leaves_after_the_queue(c); })});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    producer_->drain();
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.drained; }));
    EXPECT_EQ(finish(), "");
    EXPECT_TRUE(left_after_that);
}

TEST_F(draining, drops_and_counts_qos_0_that_comes_later) {
    follow({ready()
                .wait_until("draining", [&] { return intake.seen().drained; })
                .send(publish_packet("1", mqtt::qos::at_most_once))
                .send(publish_packet("2", mqtt::qos::at_most_once))});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    drain();
    EXPECT_EQ(script_result(), "");
    EXPECT_TRUE(eventually([&] { return sums().qos0_dropped == 2; }));
    EXPECT_EQ(intake.messages(), 0u);
}

TEST_F(draining, a_failed_message_stays_unacknowledged_and_does_not_hold_up_the_others) {
    follow({ready().send(qos1(1)).send(qos1(2)).send(qos1(3)).expect(puback(2)).expect(puback(3)).expect(
        mqtt::disconnect{})});
    options.redelivery.min = 10s;
    options.redelivery.max = 10s;
    start();
    ASSERT_TRUE(intake.wait_for_messages(3));
    fail(0); // waits to be brought again
    drain();
    succeed(1);
    succeed(2);
    EXPECT_EQ(finish(), "");
}

TEST_F(draining, what_fails_now_is_not_tried_again) {
    follow({ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    drain();
    fail(0);
    succeed(1);
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(intake.messages(), 2u);
}

/// The next packet that is no PINGREQ; those are answered, and counted.
mqtt::packet next_but_pings(mqtt::testing::broker_connection& c, int& pings) {
    while (const auto got = c.next(clock::now() + 10s)) {
        if (!std::holds_alternative<mqtt::pingreq>(got->packet)) return got->packet;
        ++pings;
        c.send(mqtt::pingresp{});
    }
    throw mqtt::testing::script_failure{"the client closed instead"};
}

TEST_F(draining, pings_and_acknowledgements_go_on_however_long_the_processors_take) {
    options.config.keepalive = 1s;
    std::atomic<int> answered{0};
    const auto at_work = [&](mqtt::testing::broker_connection& c) {
        int pings = 0;
        succeed(1);
        EXPECT_EQ(next_but_pings(c, pings), mqtt::packet(puback(1)));
        c.send(mqtt::ack{.type = mqtt::ack_type::pubrel, .packet_id = 7});
        EXPECT_EQ(
            next_but_pings(c, pings),
            mqtt::packet(mqtt::ack{.type = mqtt::ack_type::pubcomp, .packet_id = 7}));
        for (; pings < 2; ++pings) {
            const auto got = c.next(clock::now() + 10s);
            EXPECT_TRUE(got && std::holds_alternative<mqtt::pingreq>(got->packet));
            c.send(mqtt::pingresp{});
        }
        succeed(2);
        EXPECT_EQ(next_but_pings(c, pings), mqtt::packet(puback(2)));
        answered = pings;
    };
    follow({ready()
                .send(qos2(7))
                .expect(pubrec(7))
                .send(qos1(1))
                .send(qos1(2))
                .wait_until("draining", [&] { return intake.seen().drained; })
                .run("processors at work", at_work)
                .expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    succeed(0);
    ASSERT_TRUE(intake.wait_for_messages(3));
    drain();
    ASSERT_TRUE(eventually([&] { return answered >= 2; }));
    EXPECT_EQ(finish(), "");
}

TEST_F(draining, is_bounded_when_the_broker_takes_nothing) {
    options.config.close_timeout = 200ms;
    follow({ready().send(qos1(1)).stall(3s)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    drain();
    succeed(0);
    const auto begin = clock::now();
    producer_->stop(clock::now() + 200ms);
    EXPECT_LT(clock::now() - begin, 3s);
}

TEST_F(draining, works_between_connections) {
    follow({ready().send(qos1(1)).close()});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    drain();
    succeed(0);
    const auto begin = clock::now();
    producer_->stop(clock::now() + 1s);
    EXPECT_LT(clock::now() - begin, 3s);
}

} // namespace
} // namespace weir::connector
