// Acks with words, acks of the application's own, PUBCOMP on request, and messages that are too large.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

properties reason(std::string_view text) {
    properties p;
    p.set(property_id::reason_string, text);
    return p;
}

ack with_reason(ack a, std::string_view text) {
    a.props = reason(text);
    return a;
}

error acknowledge(session_driver& d, std::size_t n, reason_code code, properties props = {}) {
    return d.client.acknowledge(d.token(n), code, std::move(props), d.now, d.happened);
}

// ---- acks that say something

TEST(session_ack_with_words, carry_code_and_properties_in_their_turn) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({qos1(1), qos1(2), qos2(3)});
    EXPECT_FALSE(acknowledge(d, 1, reason_code::quota_exceeded, reason("full")));
    EXPECT_EQ(d.sent(), packets());
    EXPECT_FALSE(acknowledge(d, 2, reason_code::success, reason("fine")));
    EXPECT_FALSE(acknowledge(d, 0, reason_code::success));
    EXPECT_EQ(
        d.sent(), packets(
                      with_reason(pubrec(3), "fine"), puback(1),
                      with_reason(puback(2, reason_code::quota_exceeded), "full")));
}

TEST(session_ack_with_words, leave_without_them_where_the_server_takes_no_such_packet) {
    session_driver d{lasting()};
    connack c;
    c.props.set(property_id::maximum_packet_size, 20u);
    d.accept(c);
    d.server({qos1(1), qos1(2)});
    EXPECT_FALSE(acknowledge(d, 0, reason_code::quota_exceeded, reason("12345678901"))); // 20 bytes
    EXPECT_FALSE(acknowledge(d, 1, reason_code::quota_exceeded, reason("123456789012")));
    EXPECT_EQ(
        d.sent(), packets(
                      with_reason(puback(1, reason_code::quota_exceeded), "12345678901"),
                      puback(2, reason_code::quota_exceeded)));
}

TEST(session_ack_with_words, say_what_came_of_them) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({qos1(1), qos1(2), qos0()});
    EXPECT_EQ(acknowledge(d, 0, reason_code::packet_too_large), error{errc::option_invalid});
    properties wrong;
    wrong.set(property_id::content_type, "x");
    EXPECT_EQ(acknowledge(d, 0, reason_code::success, wrong), error{errc::property_invalid});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_FALSE(acknowledge(d, 0, reason_code::success));
    EXPECT_EQ(acknowledge(d, 0, reason_code::success), error{errc::already_acked});
    EXPECT_FALSE(acknowledge(d, 2, reason_code::success)) << "QoS 0: nothing to do";
    d.lose();
    d.accept(false);
    EXPECT_EQ(acknowledge(d, 1, reason_code::success), error{errc::session_lost});
}

TEST(session_ack_with_words, are_not_for_mqtt_3) {
    session_driver d{lasting(protocol_version::v4)};
    d.accept(false);
    d.server(qos1(1));
    EXPECT_EQ(acknowledge(d, 0, reason_code::quota_exceeded), error{errc::unsupported_by_version});
    EXPECT_EQ(acknowledge(d, 0, reason_code::success, reason("x")), error{errc::unsupported_by_version});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_FALSE(acknowledge(d, 0, reason_code::success));
    EXPECT_EQ(d.sent(), packets(puback(1)));
}

// ---- PUBCOMP on request

class session_release : public testing::TestWithParam<protocol_version> {
  protected:
    static client_options confirming() {
        auto o = lasting(GetParam());
        o.confirm_release = true;
        return o;
    }

    void release(const release_requested& r) { d.client.release(r.request, d.now, d.happened); }

    session_driver d{confirming()};
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_release, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_release, holds_pubcomp_until_answered) {
    d.accept(false);
    d.server(qos2(7));
    d.ack({d.token(0)});
    d.server(pubrel(7));
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    const auto asked = d.last<release_requested>();
    EXPECT_EQ(asked.packet_id, 7);
    EXPECT_EQ(asked.delivery, d.token(0).delivery);
    release(asked);
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
    release(asked);
    EXPECT_EQ(d.sent(), packets());
}

TEST_P(session_release, asks_once_for_a_pubrel_that_comes_again) {
    d.accept(false);
    d.server(qos2(7));
    d.ack({d.token(0)});
    d.server(pubrel(7));
    (void)d.sent();
    d.reconnect(true);
    d.server(pubrel(7));
    EXPECT_EQ(d.count<release_requested>(), 1u);
    EXPECT_EQ(d.sent(), packets());
    release(d.last<release_requested>());
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
}

TEST_P(session_release, an_answer_between_connections_is_asked_for_again) {
    d.accept(false);
    d.server(qos2(7));
    d.ack({d.token(0)});
    d.server(pubrel(7));
    (void)d.sent();
    d.lose();
    release(d.last<release_requested>());
    d.accept(true);
    d.server(pubrel(7));
    const auto again = d.last<release_requested>();
    EXPECT_EQ(again.delivery, 0u) << "the session has forgotten the message";
    release(again);
    const auto code =
        GetParam() == protocol_version::v5 ? reason_code::packet_identifier_not_found : reason_code::success;
    EXPECT_EQ(d.sent(), packets(pubcomp(7, code)));
}

TEST_P(session_release, an_old_answer_never_meets_a_new_message_of_that_id) {
    d.accept(false);
    d.server(qos2(7));
    d.ack({d.token(0)});
    d.server(pubrel(7));
    const auto old = d.last<release_requested>();
    d.lose();
    d.accept(false); // the session is gone
    d.server(qos2(7, "new"));
    d.ack({d.token(1)});
    d.server(pubrel(7));
    (void)d.sent();
    release(old);
    EXPECT_EQ(d.sent(), packets());
}

// ---- acks of the application's own

class session_raw_acks : public testing::TestWithParam<protocol_version> {
  protected:
    static client_options raw() {
        auto o = lasting(GetParam());
        o.raw_acks = true;
        return o;
    }

    error send(const ack& a) { return d.client.send_ack(a, d.now); }

    session_driver d{raw()};
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_raw_acks, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_raw_acks, of_received_messages_are_the_applications) {
    d.accept(false);
    d.server({qos1(1), qos2(2), qos2(2), pubrel(2), pubrel(9)});
    EXPECT_EQ(d.count<message_received>(), 3u) << "repetitions are the application's matter";
    EXPECT_EQ(d.all<ack_received>(), (std::vector<ack_received>{{pubrel(2)}, {pubrel(9)}}));
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_FALSE(send(pubcomp(2)));
    EXPECT_FALSE(send(puback(1)));
    EXPECT_FALSE(send(pubrec(2)));
    EXPECT_EQ(d.sent(), packets(pubcomp(2), puback(1), pubrec(2)));
}

TEST_P(session_raw_acks, of_sent_messages_are_too) {
    d.accept(false);
    EXPECT_TRUE(d.client.publish(to_publish(qos::exactly_once), d.now, d.happened));
    (void)d.sent();
    d.server({pubrec(1), pubrec(5)});
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.all<ack_received>(), (std::vector<ack_received>{{pubrec(1)}, {pubrec(5)}}));
    EXPECT_FALSE(send(pubrel(1)));
    EXPECT_EQ(d.sent(), packets(pubrel(1)));
    d.server(pubcomp(1));
    EXPECT_FALSE(d.last<publish_done>().failed);
}

TEST_P(session_raw_acks, what_may_not_be_sent_is_refused) {
    EXPECT_EQ(send(puback(1)), error{errc::not_connected});
    d.accept(false);
    if (GetParam() == protocol_version::v4)
        EXPECT_EQ(send(puback(1, reason_code::not_authorized)), error{errc::unsupported_by_version});
    else
        EXPECT_EQ(send(pubrel(1, reason_code::not_authorized)), error{errc::option_invalid});
    session_driver usual{lasting(GetParam())};
    usual.accept(false);
    EXPECT_EQ(usual.client.send_ack(puback(1), usual.now), error{errc::option_invalid});
}

TEST_P(session_raw_acks, nothing_is_dropped_for_want_of_demand) {
    auto o = raw();
    o.qos0_buffer_messages = 1;
    session_driver slow{o};
    slow.client = session{o}; // without demand
    slow.accept(false);
    slow.server({qos1(1), qos1(2)});
    EXPECT_FALSE(slow.client.wants_read());
    slow.client.demand(2, slow.now, slow.happened);
    EXPECT_EQ(slow.count<message_received>(), 2u);
    EXPECT_TRUE(slow.client.wants_read());
}

// ---- messages that are too large

class session_oversize : public testing::TestWithParam<protocol_version> {
  protected:
    static client_options limited(oversize what) {
        auto o = lasting(GetParam());
        o.maximum_packet_size = 100;
        o.oversize = what;
        return o;
    }

    static publish large(qos level, std::uint16_t id, std::string_view payload_start = "") {
        return message(level, id, std::string(payload_start) + std::string(1'000, 'x'));
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_oversize, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_oversize, sent_again_and_again_is_an_end) {
    session_driver d{limited(oversize::stop)};
    for (int n = 1; n <= 3; ++n) {
        d.accept(n > 1);
        d.server(large(qos::at_least_once, 1));
        const auto end = d.last<close_requested>();
        EXPECT_EQ(end.reason, (error{n == 3 ? errc::oversize_loop : errc::packet_too_large}));
        EXPECT_EQ(end.fatal, n == 3);
        (void)d.sent();
        d.lose();
    }
    EXPECT_NE(d.last<close_requested>().reason.detail.find("\"t\""), std::string::npos)
        << d.last<close_requested>().reason.detail;
}

TEST_P(session_oversize, another_message_or_end_begins_the_count_anew) {
    session_driver d{limited(oversize::stop)};
    bool resumed = false;
    for (const char* what : {"", "", "other", "", "lost", "", ""}) {
        d.accept(std::exchange(resumed, true));
        if (what != std::string("lost")) d.server(large(qos::at_least_once, 1, what));
        (void)d.sent();
        d.lose();
    }
    for (const auto& end : d.all<close_requested>())
        EXPECT_FALSE(end.fatal);
}

TEST_P(session_oversize, can_be_read_past_and_acknowledged) {
    session_driver d{limited(oversize::discard)};
    d.accept(false);
    d.server(
        {packet{qos1(1)}, packet{large(qos::at_least_once, 2)}, packet{large(qos::exactly_once, 3)},
         packet{large(qos::at_most_once, 0)}, packet{qos1(4)}});
    EXPECT_EQ(d.count<message_received>(), 2u);
    ASSERT_EQ(d.count<discarded>(), 3u);
    EXPECT_EQ(d.all<discarded>()[0].topic, "t");
    EXPECT_GT(d.all<discarded>()[0].size, 1'000u);
    EXPECT_EQ(d.sent(), packets(pubrec(3))) << "the PUBACK waits for its turn";
    d.ack({d.token(0), d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(2), puback(4)));
    d.server(pubrel(3));
    EXPECT_EQ(d.sent(), packets(pubcomp(3)));
    EXPECT_TRUE(d.client.is_connected());
}

TEST_P(session_oversize, is_read_past_however_it_is_split) {
    const auto bytes_in = encoded(large(qos::at_least_once, 2), GetParam());
    for (std::size_t step : {1u, 7u, 500u}) {
        session_driver d{limited(oversize::discard)};
        d.accept(false);
        for (std::size_t at = 0; at < bytes_in.size(); at += step)
            d.raw(bytes_in.slice(at, std::min(step, bytes_in.size() - at)));
        d.server(qos1(3));
        EXPECT_EQ(d.count<discarded>(), 1u);
        EXPECT_EQ(d.count<message_received>(), 1u);
        EXPECT_EQ(d.sent(), packets(puback(2)));
    }
}

} // namespace
} // namespace weir::mqtt
