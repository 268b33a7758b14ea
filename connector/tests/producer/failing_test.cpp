#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>
#include <weir/connector/events.hpp>

#include <atomic>
#include <stdexcept>

namespace weir::connector {
namespace {

using ::testing::HasSubstr;

/// What each policy makes of a message that fails.
class failing : public producer_test {
  protected:
    [[nodiscard]] static mqtt::ack refused(mqtt::ack a, mqtt::reason_code code) {
        a.code = code;
        return a;
    }
};

TEST_F(failing, is_rejected_with_a_code_of_the_options) {
    options.on_failure = on_failure::reject;
    options.reject_code = mqtt::reason_code::payload_format_invalid;
    const auto code = options.reject_code;
    follow({ready()
                .send(qos1(1))
                .send(qos2(2))
                .expect(refused(puback(1), code))
                .expect(refused(pubrec(2), code))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    fail(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().rejected, 2u);
}

TEST_F(failing, is_acknowledged_after_its_last_attempt) {
    options.redelivery.max_attempts = 2;
    options.redelivery.then = after_attempts::ack;
    follow({ready().send(qos1(1)).expect(puback(1))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().acked_failed, 1u);
}

TEST_F(failing, is_held_after_its_last_attempt_and_lets_others_pass) {
    options.redelivery.max_attempts = 1;
    follow({ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).expect_nothing(80ms).wait_until(
        "one slot is taken", [&] { return sums().acked == 1 && sums().window_used == 1; })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 2u) << "not brought again";
    EXPECT_EQ(sums().held, 1u);
    EXPECT_EQ(producer_->window(), 99u);
}

TEST_F(failing, lets_others_pass_on_the_next_connection_too) {
    options.redelivery.max_attempts = 1;
    follow(
        {ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).close(), conversation{}
                                                                            .accept({.session_present = true})
                                                                            .send(qos1(1, true))
                                                                            .send(qos1(3))
                                                                            .expect(puback(3))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    succeed(2);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 3u);
}

TEST_F(failing, that_lasts_lets_others_pass_on_the_next_connection_too) {
    options.redelivery = {.min = 10s, .max = 10s, .skip_after = 0ms};
    follow(
        {ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).close(), conversation{}
                                                                            .accept({.session_present = true})
                                                                            .send(qos1(1, true))
                                                                            .send(qos1(3))
                                                                            .expect(puback(3))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    succeed(2);
    EXPECT_EQ(script_result(), "");
}

TEST_F(failing, ends_the_pipeline_and_stays_unacknowledged) {
    options.on_failure = on_failure::stop;
    follow({ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    const auto failure = *intake.seen().failure;
    EXPECT_EQ(failure.code, errc::message_failed);
    EXPECT_THAT(failure.detail, HasSubstr("topic a, packet id 1, attempt 1: no"));
    succeed(1);
    EXPECT_EQ(finish(), "");
}

TEST_F(failing, is_not_rejected_on_a_version_that_cannot) {
    options.on_failure = on_failure::reject;
    options.config.proto_fallback = {mqtt::protocol_version::v4};
    const auto unsupported = static_cast<std::uint8_t>(mqtt::reason_code::unsupported_protocol_version);
    follow(
        {conversation{}.accept({.code = unsupported}),
         ready()
             .send(qos1(1))
             .wait_until("first", [this] { return intake.messages() == 1; })
             .run("fail", [this](auto&) { fail(0); })
             .wait_until("again", [this] { return intake.messages() == 2; })
             .run("done", [this](auto&) { succeed(1); })
             .expect(puback(1))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().rejected, 0u);
}

TEST_F(failing, does_not_mean_dropped_by_the_decoder) {
    std::atomic<int> told{0};
    std::atomic<int> ended{0};
    bus->attach<events::message_dropped>("test", [&](const auto& e) {
        EXPECT_EQ(e.reason, "no position");
        EXPECT_EQ(e.filter, "a");
        EXPECT_EQ(e.count, 1u);
        ++told;
    });
    bus->attach<events::receive_message_ack>("test", [&](const auto& e) {
        EXPECT_TRUE(e.successful);
        EXPECT_EQ(e.action, events::ack_action::ack);
        ++ended;
    });
    follow({ready().send(qos1(1)).expect(puback(1))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    settle(0, pipeline::outcome::successful, "no position");
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().dropped, 1u);
    EXPECT_EQ(sums().succeeded, 1u);
    EXPECT_EQ(sums().failed, 0u);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(ended, 1);
}

TEST_F(failing, is_decided_by_a_function) {
    options.failure_policy = [](const inbound& m, std::string_view reason, std::uint32_t attempt) {
        EXPECT_EQ(reason, "no");
        if (m.packet_id() == 2) throw std::runtime_error("undecided");
        return attempt == 1 ? failure_decision::retry(5ms) : failure_decision(on_failure::ack);
    };
    options.redelivery = {.min = 60s, .max = 60s};
    follow({ready().send(qos1(1)).expect(puback(1)).send(qos1(2)).expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    const auto begin = clock::now();
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_LT(clock::now() - begin, 5s) << "its own delay, not that of the options";
    fail(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    fail(2);
    EXPECT_EQ(script_result(), "");
}

TEST_F(failing, qos_0_comes_again_when_so_configured) {
    options.redelivery = {.min = 5ms, .max = 5ms, .max_attempts = 2, .qos0 = true};
    follow({ready().send(publish_packet("x", mqtt::qos::at_most_once)).expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_FALSE(intake.seen().entries[1].windowed);
    fail(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().qos0_dropped, 1u) << "nobody else has it";
    EXPECT_EQ(sums().held, 0u);
}

} // namespace
} // namespace weir::connector
