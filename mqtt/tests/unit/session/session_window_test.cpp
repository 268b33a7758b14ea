// Receiving: the window of MQTT 3.1.1, and Receive Maximum and what else is MQTT 5.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

// ---- the window of MQTT 3.1.1

class session_receive_v4 : public testing::Test {
  protected:
    static client_options windowed() {
        auto o = lasting(protocol_version::v4);
        o.receive_window = 2;
        return o;
    }

    session_driver d{windowed()};

    void SetUp() override { d.accept(false); }
};

TEST_F(session_receive_v4, delivers_no_more_than_the_window) {
    d.server({qos1(1), qos1(2), qos1(3), qos1(4)});
    EXPECT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.client.stats().window_used, 2u);
    d.ack({d.token(0)});
    EXPECT_EQ(d.count<message_received>(), 3u);
    d.ack({d.token(1), d.token(2)});
    EXPECT_EQ(d.count<message_received>(), 4u);
    d.ack({d.token(3)});
    EXPECT_EQ(d.client.stats().window_used, 0u);
}

TEST_F(session_receive_v4, what_waits_for_pubrel_has_no_place_in_it) {
    for (std::uint16_t id = 1; id <= 100; ++id)
        d.server(qos2(id));
    for (std::size_t n = 0; n < 100; ++n) {
        ASSERT_GT(d.count<message_received>(), n);
        d.ack({d.token(n)});
    }
    EXPECT_EQ(d.sent().size(), 100u);
    for (std::uint16_t id = 1; id <= 100; ++id)
        d.server(pubrel(id));
    EXPECT_EQ(d.sent().size(), 100u);
}

TEST_F(session_receive_v4, acks_behind_a_full_window_are_still_seen) {
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    (void)d.sent();
    d.server({qos1(1), qos1(2), qos1(3), puback(1), pubrel(50), pingresp{}});
    EXPECT_EQ(d.count<publish_done>(), 1u);
    EXPECT_EQ(d.sent(), packets(pubcomp(50)));
}

TEST_F(session_receive_v4, qos0_is_not_held_up_by_a_full_window) {
    d.server({qos1(1), qos1(2), qos1(3), qos0("passes")});
    EXPECT_EQ(d.last<message_received>().received.payload, "passes");
    EXPECT_EQ(d.count<message_received>(), 3u);
}

TEST_F(session_receive_v4, a_deferred_message_keeps_its_place_until_it_is_answered) {
    d.server({qos1(1), qos1(2), qos1(3)});
    d.defer(d.token(0));
    d.defer(d.token(1));
    EXPECT_EQ(d.count<message_received>(), 2u);
    d.ack({d.token(0)});
    EXPECT_EQ(d.count<message_received>(), 3u);
}

TEST_F(session_receive_v4, a_message_that_is_let_go_gives_its_place_up) {
    d.server({qos1(1), qos1(2), qos1(3), qos1(4)});
    d.decide(d.token(0), ack_outcome::decision::let_go);
    EXPECT_EQ(d.count<message_received>(), 3u);
    EXPECT_EQ(d.client.stats().deferred_done, 1u) << "when the session is resumed, it comes anew";
    d.defer(d.token(1));
    d.decide(d.token(1), ack_outcome::decision::let_go);
    EXPECT_EQ(d.count<message_received>(), 4u);
    EXPECT_EQ(d.client.stats().deferred_done, 2u);
    d.lose();
    d.decide(d.token(2), ack_outcome::decision::let_go);
    EXPECT_EQ(d.client.stats().deferred_done, 0u);
    EXPECT_EQ(d.client.stats().window_used, 1u);
    d.forget();
    d.accept(true);
    d.server({dup(qos1(1)), dup(qos1(2)), dup(qos1(3))});
    EXPECT_EQ(d.count<message_received>(), 1u) << "anew, with the fourth in the other place";
    EXPECT_EQ(d.client.stats().deferred, 0u);
    d.forget();
    d.lose();
    d.accept(false);
    EXPECT_EQ(d.let_go(dropped::what::stale_ack), 0u) << "there was none";
    EXPECT_EQ(d.client.stats().window_used, 0u);
}

TEST_F(session_receive_v4, messages_still_held_from_before_have_a_place) {
    d.server({qos1(1), qos1(2)});
    d.reconnect(true);
    d.server({dup(qos1(1)), qos1(3)});
    EXPECT_EQ(d.count<message_received>(), 2u);
    d.ack({d.token(1)}); // never sent again by this server
    EXPECT_EQ(d.count<message_received>(), 3u);
}

// ---- Receive Maximum of MQTT 5

class session_receive_v5 : public testing::Test {
  protected:
    static client_options windowed(bool strict = false) {
        auto o = lasting();
        o.receive_maximum = 2;
        o.strict_receive_maximum = strict;
        return o;
    }
};

TEST_F(session_receive_v5, receive_maximum_is_sent_and_up_to_twice_of_it_is_borne) {
    session_driver d{windowed()};
    EXPECT_EQ(d.accept(false).props.number(property_id::receive_maximum), 2u);
    d.server({qos1(1), qos1(2), qos1(3)});
    d.server(qos1(4));
    EXPECT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.let_go(dropped::what::over_receive_maximum), 1u); // said once
    d.ack({d.token(0), d.token(1)});
    EXPECT_EQ(d.count<message_received>(), 4u);
    EXPECT_TRUE(d.client.is_connected());
}

TEST_F(session_receive_v5, beyond_twice_the_maximum_the_connection_ends) {
    session_driver d{windowed()};
    d.accept(false);
    d.server({qos1(1), qos1(2), qos1(3), qos1(4), qos1(5)});
    expect_closed(d, reason_code::receive_maximum_exceeded);
}

TEST_F(session_receive_v5, a_server_that_lost_count_over_a_missing_ack_is_borne_with) {
    session_driver d{windowed()};
    d.accept(false);
    d.server({qos1(1), qos1(2)});
    d.defer(d.token(0));
    d.server({qos1(3), qos1(4), qos1(5), qos1(6)});
    EXPECT_TRUE(d.client.is_connected());
    EXPECT_EQ(d.count<message_received>(), 2u) << "the window holds";
    d.ack({d.token(1)});
    EXPECT_EQ(d.count<message_received>(), 3u);
}

TEST_F(session_receive_v5, a_server_that_lost_count_over_acks_is_borne_with) {
    session_driver d{windowed()};
    d.accept(false);
    d.server({qos1(1), qos1(2)});
    d.ack({d.token(0)});
    d.server({qos1(3), qos1(4), qos1(5), qos1(6), qos1(7)});
    EXPECT_TRUE(d.client.is_connected());
    EXPECT_EQ(d.count<message_received>(), 3u) << "the window holds";
}

TEST_F(session_receive_v5, a_server_that_lost_count_over_a_resumption_is_borne_with) {
    session_driver d{windowed()};
    d.accept(false);
    d.reconnect(true);
    d.server({qos1(1), qos1(2), qos1(3), qos1(4), qos1(5)});
    EXPECT_TRUE(d.client.is_connected());
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_F(session_receive_v5, strict_ends_it_at_once) {
    session_driver d{windowed(true)};
    d.accept(false);
    d.server({qos1(1), qos1(2), qos1(3)});
    expect_closed(d, reason_code::receive_maximum_exceeded);
}

TEST_F(session_receive_v5, a_qos2_message_counts_until_its_pubrel) {
    session_driver d{windowed(true)};
    d.accept(false);
    d.server({qos2(1), qos2(2)});
    d.ack({d.token(0), d.token(1)});
    d.server(pubrel(1));
    d.server(qos2(3));
    EXPECT_TRUE(d.client.is_connected());
    d.server(qos2(4));
    expect_closed(d, reason_code::receive_maximum_exceeded);
}

TEST_F(session_receive_v5, the_count_begins_anew_with_each_connection) {
    session_driver d{windowed(true)};
    d.accept(false);
    d.server({qos2(1), qos1(2)});
    d.ack({d.token(0)});
    d.reconnect(true);
    d.server({qos1(3), qos1(4)});
    EXPECT_TRUE(d.client.is_connected());
}

TEST_F(session_receive_v5, an_answer_to_a_message_of_before_gives_quota_back_as_the_server_reckons_it) {
    session_driver d{windowed(true)};
    d.accept(false);
    d.server(qos2(1));
    d.ack({d.token(0)});
    d.reconnect(true);
    d.server({qos1(2), qos1(3), pubrel(1), qos1(4)}); // PUBCOMP raises the send quota by one [4.9]
    EXPECT_TRUE(d.client.is_connected());
    d.server(qos1(5));
    expect_closed(d, reason_code::receive_maximum_exceeded);
}

TEST_F(session_receive_v5, no_more_is_remembered_of_earlier_connections_than_the_window_holds) {
    session_driver d{windowed()};
    d.accept(false);
    d.server({qos1(1), qos1(2)});
    d.defer(d.token(0));
    d.defer(d.token(1));
    d.reconnect(true);
    d.server({qos1(3), qos1(4)}); // a server that does not send 1 and 2 again
    EXPECT_EQ(d.count<message_received>(), 4u);
    d.reconnect(true);
    EXPECT_EQ(d.client.stats().deferred, 0u); // 1 and 2 are forgotten
    d.server(dup(qos1(3)));
    EXPECT_EQ(d.count<message_received>(), 4u);
    d.ack({d.token(0), d.token(2)});
    EXPECT_EQ(d.sent(), packets(puback(3)));
    EXPECT_EQ(d.client.stats().repeated_acks, 1u);
}

TEST_F(session_receive_v5, strict_resend_ends_the_connection) {
    auto options = lasting();
    options.strict_resend = true;
    session_driver d{options};
    d.accept(false);
    d.server({qos1(1), dup(qos1(1))});
    expect_closed(d, reason_code::protocol_error);
}

TEST_F(session_receive_v5, topic_aliases_are_resolved) {
    auto options = lasting();
    options.topic_alias_maximum = 2;
    session_driver d{options};
    EXPECT_EQ(d.accept(false).props.number(property_id::topic_alias_maximum), 2u);
    auto set = qos0();
    set.props.set(property_id::topic_alias, 1u);
    auto use = set;
    use.topic = {};
    d.server({set, use});
    EXPECT_EQ(d.last<message_received>().received.topic, "t");
    d.reconnect(true);
    d.server(use);
    expect_closed(d, reason_code::protocol_error);
}

TEST_F(session_receive_v5, an_alias_beyond_the_maximum_ends_the_connection) {
    session_driver d{lasting()};
    d.accept(false);
    auto set = qos0();
    set.props.set(property_id::topic_alias, 1u);
    d.server(set);
    expect_closed(d, reason_code::topic_alias_invalid);
}

TEST_F(session_receive_v5, misdeclared_payloads_are_refused_where_asked_for) {
    auto options = lasting();
    options.validate_payload_format = true;
    session_driver d{options};
    d.accept(false);
    const auto declared = [](publish p) {
        p.props.set(property_id::payload_format_indicator, 1u);
        return p;
    };
    d.server({qos1(1), declared(qos1(2, "\xff")), declared(qos0("\xff")), declared(qos0("fine"))});
    EXPECT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.let_go(dropped::what::payload_format), 2u);
    EXPECT_EQ(d.sent(), packets()); // the refusal waits for its turn
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(2, reason_code::payload_format_invalid)));
    d.server(declared(qos2(3, "\xff")));
    EXPECT_EQ(d.sent(), packets(pubrec(3, reason_code::payload_format_invalid)));
    using namespace std::string_view_literals;
    d.server(declared(qos0("a\0b"sv))); // well-formed, if not a string of the protocol
    EXPECT_EQ(d.count<message_received>(), 3u);
}

TEST_F(session_receive_v5, expiry_is_shown_and_does_not_stop_the_handshake) {
    session_driver d{lasting()};
    d.accept(false);
    auto p = qos2(1);
    p.props.set(property_id::message_expiry_interval, 1u);
    d.server(p);
    d.wait(std::chrono::seconds{5});
    EXPECT_EQ(d.all<message_received>()[0].received.props.number(property_id::message_expiry_interval), 1u);
    d.ack({d.token(0)});
    d.server(pubrel(1));
    const auto out = d.sent();
    EXPECT_EQ(out, packets(pubrec(1), pubcomp(1)));
}

} // namespace
} // namespace weir::mqtt
