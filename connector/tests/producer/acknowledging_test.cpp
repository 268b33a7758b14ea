#include "producer_fixture.hpp"

#include <thread>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

class acknowledging : public producer_test {
  protected:
    /// Waits inside a script until so many messages have been emitted.
    [[nodiscard]] auto emitted(std::size_t count) {
        return [this, count] { return intake.messages() >= count; };
    }
};

TEST_F(acknowledging, waits_for_the_outcome_and_keeps_the_order_of_arrival) {
    follow({ready()
                .send(qos1(1))
                .send(qos1(2))
                .send(qos1(3))
                .wait_until("delivered", emitted(3))
                .expect_nothing(50ms)
                .run(
                    "succeed",
                    [this](auto&) {
                        for (const std::size_t i : {2u, 0u, 1u})
                            succeed(i);
                    })
                .expect(puback(1))
                .expect(puback(2))
                .expect(puback(3))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(sums().acked, 3u);
    EXPECT_EQ(sums().succeeded, 3u);
    EXPECT_EQ(sums().window_used, 0u);
    EXPECT_EQ(latency_.count(), 3u);
}

TEST_F(acknowledging, qos_2_is_received_after_processing_and_completed_at_once) {
    follow({ready()
                .send(qos2(9))
                .wait_until("delivered", emitted(1))
                .expect(pubrec(9))
                .send(mqtt::ack{.type = mqtt::ack_type::pubrel, .packet_id = 9})
                .expect(mqtt::ack{.type = mqtt::ack_type::pubcomp, .packet_id = 9})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    succeed(0);
    EXPECT_EQ(script_result(), "");
}

TEST_F(acknowledging, qos_0_needs_none) {
    follow({ready().send(publish_packet("x", mqtt::qos::at_most_once)).expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_FALSE(intake.seen().entries[0].windowed);
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().succeeded, 1u);
    EXPECT_EQ(sums().acked, 0u);
}

TEST_F(acknowledging, one_call_takes_many_outcomes) {
    auto script = ready();
    for (std::uint16_t id = 1; id <= 50; ++id)
        script.send(qos1(id));
    for (std::uint16_t id = 1; id <= 50; ++id)
        script.expect(puback(id));
    follow({script});
    start();
    ASSERT_TRUE(intake.wait_for_messages(50));
    std::vector<pipeline::settlement> all;
    for (const auto& e : intake.seen().entries)
        all.push_back({.token = e.token});
    settle_all(all);
    EXPECT_EQ(finish(), "");
}

TEST_F(acknowledging, failed_ones_when_so_configured) {
    options.on_failure = on_failure::ack;
    follow({ready().send(qos1(1)).send(qos2(2)).expect(puback(1)).expect(pubrec(2))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    fail(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().failed, 2u);
    EXPECT_EQ(sums().redelivered, 0u);
}

TEST_F(acknowledging, is_left_to_the_application_when_so_configured) {
    options.on_success = on_success::noop;
    follow({ready()
                .send(qos1(1))
                .wait_until("delivered", emitted(1))
                .run("succeed", [this](auto&) { succeed(0); })
                .expect_nothing(50ms)
                .run("acknowledge", [this](auto&) { intake.seen().entries[0].value.acknowledge(); })
                .expect(puback(1))});
    start();
    EXPECT_EQ(script_result(), "");
}

TEST_F(acknowledging, in_the_dark_answers_what_the_broker_sends_again) {
    follow(
        {ready().send(qos1(1)).send(qos1(2)).wait_until("delivered", emitted(2)).close(),
         conversation{}
             .accept({.session_present = true})
             .wait_until("settled", [&] { return sums().succeeded == 2; })
             .send(qos1(1, true))
             .send(qos1(2, true))
             .expect(puback(1))
             .expect(puback(2))});
    start();
    wait_for_connection(2);
    succeed(1);
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 2u) << "nothing is processed twice";
    EXPECT_TRUE(eventually([&] { return sums().duplicates == 2; }));
}

TEST_F(acknowledging, in_the_dark_answers_a_whole_window_in_order) {
    constexpr std::uint16_t many = 50;
    auto before = ready();
    for (std::uint16_t id = 1; id <= many; ++id)
        before.send(qos1(id));
    before.wait_until("delivered", emitted(many)).close();
    conversation after;
    after
        .run(
            "all succeed",
            [this](auto&) {
                for (std::size_t i = many; i-- > 0;)
                    succeed(i);
            })
        .accept({.session_present = true});
    for (std::uint16_t id = 1; id <= many; ++id)
        after.send(qos1(id, true));
    for (std::uint16_t id = 1; id <= many; ++id)
        after.expect(puback(id));
    follow({std::move(before), std::move(after)});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), many) << "nothing is processed twice";
    EXPECT_TRUE(eventually([&] { return sums().duplicates == many; }));
}

TEST_F(acknowledging, never_reaches_into_another_session) {
    follow(
        {ready().send(qos1(1)).wait_until("delivered", emitted(1)).close(),
         conversation{}
             .accept({.session_present = false})
             .grant_subscribe()
             .send(qos1(1))
             .expect_nothing(100ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_TRUE(eventually([&] { return sums().stale_acks == 1; }));
}

TEST_F(acknowledging, opens_the_window_of_3_1_1) {
    options.config.proto_ver = mqtt::protocol_version::v4;
    options.max_inflight = 2;
    auto script = ready();
    for (std::uint16_t id = 1; id <= 5; ++id)
        script.send(qos1(id));
    script.wait_until("delivered", emitted(2)).expect(puback(1));
    follow({script});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.entries.size() > 2; }, 50ms))
        << "the window is full";
    succeed(0);
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.entries.size() > 3; }, 50ms));
    EXPECT_EQ(script_result(), "");
}

TEST_F(acknowledging, no_message_comes_without_demand) {
    follow({ready().send(qos1(1)).send(qos1(2)).send(qos1(3))});
    start(0);
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return !r.entries.empty(); }, 50ms));
    producer_->demand(1);
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.entries.size() > 1; }, 50ms));
    producer_->demand(2);
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(finish(), "");
}

} // namespace
} // namespace weir::connector
