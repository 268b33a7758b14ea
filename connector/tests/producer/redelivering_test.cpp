#include "producer_fixture.hpp"

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

class redelivering : public producer_test {
  protected:
    [[nodiscard]] std::uint32_t attempt(std::size_t index) { return intake.seen().entries.at(index).attempt; }
};

class redelivering_qos : public redelivering, public ::testing::WithParamInterface<mqtt::qos> {};

TEST_P(redelivering_qos, a_failed_message_comes_again_after_its_delay_and_is_acknowledged_once) {
    const auto ack = GetParam() == mqtt::qos::at_least_once ? puback(1) : pubrec(1);
    follow({ready().send(publish_packet("x", GetParam(), 1)).expect(ack).expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    const auto begin = clock::now();
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_GE(clock::now() - begin, 16ms) << "20 ms less a fifth";
    fail(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_GE(clock::now() - begin, 16ms + 32ms) << "doubled";
    succeed(2);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(attempt(1), 2u);
    EXPECT_EQ(attempt(2), 3u);
    EXPECT_EQ(intake.seen().entries[2].value.attempt(), 3u) << "and the handler sees it";
    EXPECT_TRUE(intake.seen().entries[2].value.redelivered());
    EXPECT_EQ(token(2), token(0)) << "the same message";
    EXPECT_EQ(sums().failed, 2u);
    EXPECT_EQ(sums().redelivered, 2u);
    EXPECT_EQ(sums().delivered, 3u);
    EXPECT_EQ(sums().received, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    qos, redelivering_qos, ::testing::Values(mqtt::qos::at_least_once, mqtt::qos::exactly_once));

TEST_F(redelivering, an_abandoned_message_comes_again_whatever_the_policy) {
    options.on_failure = on_failure::ack;
    follow({ready().send(qos1(1)).expect(puback(1))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    settle(0, pipeline::outcome::abandoned);
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    EXPECT_EQ(script_result(), "");
}

TEST_F(redelivering, qos_0_is_lost_and_counted) {
    follow({ready().send(publish_packet("x", mqtt::qos::at_most_once))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.entries.size() > 1; }, 60ms));
    EXPECT_EQ(sums().qos0_dropped, 1u);
}

TEST_F(redelivering, a_message_that_keeps_failing_lets_others_pass_and_keeps_its_slot) {
    options.redelivery.skip_after = 100ms;
    follow({ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).wait_until(
        "one slot is taken", [&] { return sums().acked == 1 && sums().window_used == 1; })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    EXPECT_EQ(script_result(), "");
}

TEST_F(redelivering, a_success_in_time_lets_everything_behind_it_leave_in_order) {
    constexpr std::uint16_t many = 100;
    auto script = ready().within(30s);
    for (std::uint16_t id = 1; id <= many; ++id)
        script.send(qos1(id));
    script
        .wait_until(
            "the third attempt of the first",
            [this] { return intake.messages() == many + 2 && sums().succeeded == many - 1; })
        .expect_nothing(50ms)
        .run("success", [this](auto&) { succeed(many + 1); });
    for (std::uint16_t id = 1; id <= many; ++id)
        script.expect(puback(id));
    follow({script.expect_nothing(50ms)});
    start(2 * many);
    ASSERT_TRUE(intake.wait_for_messages(many));
    fail(0);
    for (std::size_t i = many; --i > 0;)
        succeed(i);
    ASSERT_TRUE(intake.wait_for_messages(many + 1));
    fail(many);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(attempt(many + 1), 3u);
    EXPECT_EQ(token(many + 1), token(0));
    EXPECT_TRUE(eventually([&] { return sums().acked == many && sums().window_used == 0; }));
}

/// The broker keeps to the window: another message for each acknowledgement.
TEST_F(redelivering, a_message_that_never_succeeds_costs_its_slot_and_no_more) {
    constexpr std::uint16_t count = 1'000;
    constexpr std::uint16_t window = 100;
    options.redelivery.skip_after = 0ms;
    auto script = ready().within(30s);
    for (std::uint16_t id = 1; id <= window; ++id)
        script.send(qos1(id));
    for (std::uint16_t id = 2; id <= count; ++id) {
        script.expect(puback(id));
        if (id + window - 1 <= count) script.send(qos1(static_cast<std::uint16_t>(id + window - 1)));
    }
    script.wait_until("one slot is taken", [this] {
        const auto s = sums();
        return s.acked == count - 1 && s.window_used == 1 && s.deferred == 1;
    });
    follow({script.expect_nothing(50ms)});
    start(10 * count);
    std::size_t failures = 0;
    for (std::size_t done = 0; sums().succeeded < count - 1;) {
        ASSERT_TRUE(intake.wait_for_messages(done + 1)) << done;
        const auto seen = intake.seen();
        std::vector<pipeline::settlement> outcomes;
        for (; done < seen.entries.size(); ++done) {
            const bool first = seen.entries[done].value.packet_id() == 1;
            const auto result = first ? pipeline::outcome::failed : pipeline::outcome::successful;
            outcomes.push_back({.token = seen.entries[done].token, .result = result});
            failures += first ? 1 : 0;
        }
        settle_all(outcomes);
    }
    EXPECT_EQ(script_result(), "");
    EXPECT_GE(failures, 1u);
    EXPECT_EQ(sums().connects, 1u);
}

TEST_F(redelivering, a_late_success_is_told_when_the_broker_sends_again) {
    options.redelivery.skip_after = 0ms;
    follow(
        {ready()
             .send(qos1(1))
             .send(qos1(2))
             .expect(puback(2))
             .wait_until("late success", [&] { return sums().succeeded == 2; })
             .expect_nothing(50ms)
             .close(),
         conversation{}.accept({.session_present = true}).send(qos1(1, true)).expect(puback(1))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    succeed(2);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 3u);
}

TEST_F(redelivering, uses_demand_that_is_taken_from_the_client_later) {
    follow({ready()
                .send(qos1(1))
                .wait_until("again", [&] { return intake.messages() == 2; })
                .send(qos1(2))
                .send(qos1(3))});
    start(2);
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2)); // both units of demand are used: one was promised to the client
    ASSERT_TRUE(intake.wait_for_messages(3)); // and it uses it, to wait in the pipeline's buffer
    producer_->demand(1);
    ASSERT_TRUE(intake.wait_for_messages(4));
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "1", "2", "3"));
}

TEST_F(redelivering, narrows_the_window_the_pipeline_sees) {
    options.max_inflight = 10;
    options.redelivery.min = 10s;
    options.redelivery.max = 10s;
    follow({ready().send(qos1(1)).send(qos1(2))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(producer_->window(), 10u);
    fail(0);
    EXPECT_EQ(producer_->window(), 9u) << "its slot cannot be used meanwhile";
}

} // namespace
} // namespace weir::connector
