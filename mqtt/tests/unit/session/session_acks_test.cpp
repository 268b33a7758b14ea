// Acknowledging received messages: order, deferring, late and repeated decisions.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

class session_acks : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{lasting(GetParam())};

    void SetUp() override {
        d.accept(false);
        d.forget();
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_acks, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_acks, pubacks_leave_in_the_order_of_arrival) {
    d.server({qos1(1), qos1(2), qos1(3), qos1(4), qos1(5)});
    d.ack({d.token(4), d.token(2)});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1)));
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(2), puback(3)));
    d.ack({d.token(3)});
    EXPECT_EQ(d.sent(), packets(puback(4), puback(5)));
}

TEST_P(session_acks, pubrecs_have_an_order_of_their_own) {
    d.server({qos1(1), qos2(2), qos1(3), qos2(4)});
    d.ack({d.token(3)});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(pubrec(2), pubrec(4))); // the PUBACK of 1 is still missing
    d.ack({d.token(2), d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(3)));
}

TEST_P(session_acks, pubrec_waits_for_the_application_and_pubrel_does_not) {
    d.server(qos2(7));
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    d.server(pubrel(7));
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
}

TEST_P(session_acks, acks_of_one_call_share_one_output) {
    d.server({qos1(1), qos1(2), qos2(3)});
    const std::vector<ack_outcome> all{{d.token(2), {}, {}}, {d.token(1), {}, {}}, {d.token(0), {}, {}}};
    d.client.acknowledge(all, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(puback(1), puback(2), pubrec(3)));
    EXPECT_EQ(d.client.stats().acks_sent, 3u);
}

TEST_P(session_acks, a_second_ack_is_a_counted_nothing) {
    d.server({qos1(1), qos2(2)});
    d.ack({d.token(0), d.token(0), d.token(1), d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(1), pubrec(2)));
    EXPECT_EQ(d.client.stats().repeated_acks, 2u);
    EXPECT_EQ(d.client.stats().stale_acks, 0u);
}

TEST_P(session_acks, acknowledging_qos0_does_nothing) {
    d.server(qos0());
    EXPECT_EQ(d.token(0), ack_token{});
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.client.stats().repeated_acks + d.client.stats().stale_acks, 0u);
}

TEST_P(session_acks, a_token_is_never_used_again) {
    d.server(qos1(1));
    d.ack({d.token(0)});
    d.server(qos1(1, "another"));
    EXPECT_NE(d.token(0).delivery, d.token(1).delivery);
    (void)d.sent();
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets());
}

TEST_P(session_acks, a_deferred_ack_is_left_out_and_lets_the_others_flow) {
    d.server({qos1(1), qos1(2), qos1(3)});
    d.ack({d.token(1), d.token(2)});
    EXPECT_EQ(d.sent(), packets());
    d.defer(d.token(0));
    EXPECT_EQ(d.sent(), packets(puback(2), puback(3)));
    EXPECT_EQ(d.client.stats().deferred, 1u);
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets()); // not on this connection
    const auto delivered = d.count<message_received>();
    d.reconnect(true);
    d.server(dup(qos1(1)));
    EXPECT_EQ(d.sent(), packets(puback(1)));
    EXPECT_EQ(d.count<message_received>(), delivered);
    EXPECT_EQ(d.client.stats().deferred, 0u);
    EXPECT_EQ(d.client.stats().acks_held, 0u);
}

TEST_P(session_acks, a_deferred_message_is_acknowledged_by_its_first_token_after_it_came_again) {
    d.server(qos2(1));
    d.defer(d.token(0));
    d.reconnect(true);
    d.server(dup(qos2(1)));
    EXPECT_EQ(d.count<message_received>(), 1u);
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(1)));
}

TEST_P(session_acks, what_the_server_still_has_is_counted_whatever_the_connection) {
    d.server({qos1(1), qos2(2), qos1(3), qos1(4)});
    EXPECT_EQ(d.client.stats().unacknowledged, 4u);
    d.ack({d.token(0), d.token(1), d.token(3)});
    EXPECT_EQ(d.sent(), packets(puback(1), pubrec(2)));
    EXPECT_EQ(d.client.stats().unacknowledged, 2u) << "the fourth waits for the third";
    d.defer(d.token(2));
    EXPECT_EQ(d.sent(), packets(puback(4)));
    EXPECT_EQ(d.client.stats().unacknowledged, 1u);
    d.lose();
    EXPECT_EQ(d.client.stats().unacknowledged, 1u);
    d.accept(false);
    EXPECT_EQ(d.client.stats().unacknowledged, 0u) << "it has forgotten it";
}

TEST_P(session_acks, what_was_let_go_holds_up_nothing_and_is_delivered_anew_when_it_comes_again) {
    d.server({qos1(1), qos2(2), qos1(3)});
    d.ack({d.token(2)});
    d.decide(d.token(0), ack_outcome::decision::let_go);
    d.defer(d.token(1));
    d.decide(d.token(1), ack_outcome::decision::let_go);
    EXPECT_EQ(d.sent(), packets(puback(3)));
    EXPECT_EQ(
        d.all<dropped>(), (std::vector<dropped>{{dropped::what::let_go, 1}, {dropped::what::let_go, 1}}));
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.client.stats().repeated_acks, 1u) << "that was the last word on it";
    d.reconnect(true);
    d.server({dup(qos1(1)), dup(qos2(2))});
    EXPECT_EQ(d.count<message_received>(), 5u);
    d.ack({d.token(3), d.token(4)});
    EXPECT_EQ(d.sent(), packets(puback(1), pubrec(2)));
    EXPECT_EQ(d.client.stats().window_used, 0u);
    EXPECT_EQ(d.client.stats().deferred, 0u);
}

TEST_P(session_acks, an_ack_from_before_is_held_until_the_message_comes_again) {
    d.server({qos1(7), qos2(8)});
    d.reconnect(true);
    d.ack({d.token(0), d.token(1)});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.client.stats().acks_held, 2u);
    d.server({dup(qos1(7)), dup(qos2(8))});
    EXPECT_EQ(d.sent(), packets(puback(7), pubrec(8)));
    EXPECT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.let_go(dropped::what::duplicate), 2u);
}

TEST_P(session_acks, an_ack_given_while_offline_is_held_as_well) {
    d.server(qos1(7));
    d.lose();
    d.ack({d.token(0)});
    EXPECT_FALSE(d.client.has_output());
    d.open();
    d.ack({d.token(0)}); // CONNACK is awaited
    EXPECT_EQ(d.sent(), packets());
    d.server(connack{true, 0, {}});
    d.server(dup(qos1(7)));
    EXPECT_EQ(d.sent(), packets(puback(7)));
}

TEST_P(session_acks, resent_messages_keep_the_order_of_this_connection) {
    d.server({qos1(1), qos1(2)});
    d.ack({d.token(1)});
    d.reconnect(true);
    d.server({dup(qos1(1)), dup(qos1(2)), qos1(3)});
    d.ack({d.token(2)});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(2), puback(3)));
}

TEST_P(session_acks, other_content_under_the_same_id_is_a_new_message) {
    d.server(qos1(7, "first"));
    d.reconnect(true);
    d.server(dup(qos1(7, "second")));
    EXPECT_EQ(d.count<message_received>(), 2u);
    d.ack({d.token(0)}); // its message has been replaced
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.client.stats().repeated_acks, 1u);
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(7)));
}

TEST_P(session_acks, without_dup_it_is_a_new_message_too) {
    d.server(qos1(7));
    d.reconnect(true);
    d.server(qos1(7));
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_P(session_acks, acks_of_a_lost_session_are_dropped_and_counted) {
    d.server({qos1(7), qos1(8), qos1(9)});
    d.ack({d.token(1)});
    d.forget();
    d.reconnect(false);
    EXPECT_EQ(d.last<session_lost>().unacknowledged, 2u);
    EXPECT_EQ(d.client.stats().stale_acks, 1u); // the one that had not left
    d.server(qos1(7, "another"));
    (void)d.sent();
    const auto fresh = d.token(0);
    d.ack({{1 << 16 | 7, 7, qos::at_least_once}});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.client.stats().stale_acks, 2u);
    EXPECT_EQ(d.let_go(dropped::what::stale_ack), 2u);
    d.ack({fresh});
    EXPECT_EQ(d.sent(), packets(puback(7)));
}

TEST_P(session_acks, a_qos2_id_is_remembered_from_pubrec_to_pubrel_across_connections) {
    d.server(qos2(5));
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(5)));
    d.server(dup(qos2(5))); // PUBREC crossed with a resending on the same connection
    EXPECT_EQ(d.sent(), packets(pubrec(5)));
    d.reconnect(true);
    d.server(dup(qos2(5)));
    EXPECT_EQ(d.sent(), packets(pubrec(5)));
    EXPECT_EQ(d.count<message_received>(), 1u);
    d.reconnect(true);
    d.server(pubrel(5));
    EXPECT_EQ(d.sent(), packets(pubcomp(5)));
    d.server(qos2(5));
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_P(session_acks, a_lost_session_forgets_the_qos2_ids) {
    d.server(qos2(5));
    d.ack({d.token(0)});
    d.reconnect(false);
    d.server(qos2(5));
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_P(session_acks, pubrec_repeated_after_resume_waits_for_its_turn) {
    d.server({qos2(1), qos2(2)});
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(1)));
    d.reconnect(true);
    d.server({dup(qos2(2)), dup(qos2(1))});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(pubrec(2), pubrec(1)));
}

TEST_P(session_acks, messages_not_handed_out_are_left_to_the_server_when_the_connection_ends) {
    d.client.pause(d.now);
    d.server({qos1(1), qos2(2)});
    d.reconnect(true);
    d.client.resume(d.now, d.happened);
    EXPECT_EQ(d.count<message_received>(), 0u);
    d.server({dup(qos1(1)), dup(qos2(2))});
    EXPECT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.client.stats().window_used, 2u);
    EXPECT_EQ(d.client.stats().read_ahead, 0u);
}

TEST_P(session_acks, nothing_is_left_behind) {
    for (std::uint16_t round = 0; round < 3; ++round) {
        for (std::uint16_t id = 1; id <= 50; ++id) {
            d.server(qos1(id));
            d.server(qos2(static_cast<std::uint16_t>(id + 50)));
        }
        for (const auto& m : d.all<message_received>())
            d.ack({m.token});
        for (std::uint16_t id = 51; id <= 100; ++id)
            d.server(pubrel(id));
        d.forget();
    }
    const auto s = d.client.stats();
    EXPECT_EQ(s.window_used, 0u);
    EXPECT_EQ(s.acks_held, 0u);
    EXPECT_EQ(s.acks_sent, 300u);
    EXPECT_EQ(s.messages_delivered, 300u);
}

TEST(session_acks_v5, a_failure_code_ends_the_message) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({qos1(1), qos2(2)});
    d.decide(d.token(0), ack_outcome::decision::acknowledge, reason_code::quota_exceeded);
    d.decide(d.token(1), ack_outcome::decision::acknowledge, reason_code::not_authorized);
    EXPECT_EQ(
        d.sent(), packets(puback(1, reason_code::quota_exceeded), pubrec(2, reason_code::not_authorized)));
    d.server(qos2(2, "another")); // the id was free at once
    EXPECT_EQ(d.count<message_received>(), 3u);
}

TEST(session_acks_v5, a_code_that_is_none_of_the_packet_sends_nothing) {
    session_driver d{lasting()};
    d.accept(false);
    d.server(qos1(1));
    d.decide(d.token(0), ack_outcome::decision::acknowledge, reason_code::session_taken_over);
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.let_go(dropped::what::unsupported_ack), 1u);
    d.ack({d.token(0)}); // the message is still open
    EXPECT_EQ(d.sent(), packets(puback(1)));
}

TEST(session_acks_v4, has_no_codes_to_send) {
    session_driver d{lasting(protocol_version::v4)};
    d.accept(false);
    d.server(qos1(1));
    d.decide(d.token(0), ack_outcome::decision::acknowledge, reason_code::quota_exceeded);
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.let_go(dropped::what::unsupported_ack), 1u);
}

TEST(session_acks_v5, what_may_differ_between_two_sendings_does_not_matter) {
    auto options = lasting();
    options.topic_alias_maximum = 5;
    session_driver d{options};
    d.accept(false);
    auto first = qos1(1);
    first.props.set(property_id::topic_alias, 2u);
    first.props.set(property_id::message_expiry_interval, 100u);
    first.props.set(property_id::content_type, "json");
    d.server(first);
    d.reconnect(true);
    auto again = dup(qos1(1));
    again.props.set(property_id::message_expiry_interval, 90u);
    again.props.set(property_id::content_type, "json");
    d.server(again);
    EXPECT_EQ(d.count<message_received>(), 1u);
    d.reconnect(true);
    again.props.set(property_id::content_type, "text");
    d.server(again);
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST(session_acks_v3, nothing_but_content_and_dup_proves_a_repetition) {
    session_driver d{lasting(protocol_version::v3)};
    d.accept(false);
    d.server({qos2(1), qos2(2)});
    d.ack({d.token(0), d.token(1)});
    EXPECT_EQ(d.sent(), packets(pubrec(1), pubrec(2)));
    d.reconnect(false); // MQTT 3.1 has no session present flag
    EXPECT_EQ(d.count<session_lost>(), 0u);
    d.server({dup(qos2(1)), qos2(2)});
    EXPECT_EQ(d.sent(), packets(pubrec(1)));
    EXPECT_EQ(d.count<message_received>(), 3u);
}

} // namespace
} // namespace weir::mqtt
