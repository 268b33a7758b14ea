// Receiving: what a server may not do, demand, pausing, and what waits.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

class session_receive : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{lasting(GetParam())};
    bool v5 = GetParam() == protocol_version::v5;

    void SetUp() override { d.accept(false); }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_receive, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_receive, messages_come_in_the_order_of_arrival_with_all_they_have) {
    auto first = qos1(3, "one");
    first.retain = true;
    d.now += std::chrono::seconds{1};
    d.server({first, qos0("two"), qos2(4, "three")});
    const auto got = d.all<message_received>();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].received, first);
    EXPECT_EQ(got[0].at, d.now);
    EXPECT_EQ(got[0].connection, 1u);
    EXPECT_EQ(got[0].token.packet_id, 3);
    EXPECT_EQ(got[0].token.level, qos::at_least_once);
    EXPECT_EQ(got[1].received.payload, "two");
    EXPECT_EQ(got[2].received.payload, "three");
    d.reconnect(true);
    d.server(qos0());
    EXPECT_EQ(d.last<message_received>().connection, 2u);
}

TEST_P(session_receive, an_id_of_the_other_qos_ends_the_connection) {
    d.server({qos1(1), qos2(1)});
    expect_closed(d, reason_code::protocol_error);
}

TEST_P(session_receive, pubrel_for_a_qos1_id_ends_the_connection) {
    d.server({qos1(1), pubrel(1)});
    expect_closed(d, reason_code::protocol_error);
}

TEST_P(session_receive, ids_of_before_may_come_with_another_qos) {
    d.server({qos1(1), qos2(2)});
    d.reconnect(true);
    d.server({qos2(1), qos1(2)});
    EXPECT_EQ(d.count<message_received>(), 4u);
    EXPECT_TRUE(d.client.is_connected());
}

TEST_P(session_receive, pubrel_before_pubrec_ends_the_connection) {
    d.server({qos2(1), pubrel(1)});
    expect_closed(d, reason_code::protocol_error);
}

TEST_P(session_receive, pubrel_for_an_unknown_id_is_answered) {
    d.server(pubrel(77));
    const auto code = v5 ? reason_code::packet_identifier_not_found : reason_code::success;
    EXPECT_EQ(d.sent(), packets(pubcomp(77, code)));
}

TEST_P(session_receive, a_resending_on_the_same_connection_is_swallowed) {
    d.server({qos1(1), dup(qos1(1))});
    EXPECT_EQ(d.count<message_received>(), 1u);
    EXPECT_EQ(d.client.stats().duplicates, 1u);
    EXPECT_EQ(d.let_go(dropped::what::duplicate), 1u);
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1)));
}

TEST_P(session_receive, the_same_id_without_dup_on_the_same_connection_ends_it) {
    d.server({qos1(1), qos1(1)});
    expect_closed(d, reason_code::protocol_error);
}

TEST_P(session_receive, other_content_with_dup_ends_a_v5_connection_only) {
    d.server({qos1(1, "a"), dup(qos1(1, "b"))});
    if (v5) {
        expect_closed(d, reason_code::protocol_error);
    } else {
        EXPECT_EQ(d.count<message_received>(), 1u);
        EXPECT_TRUE(d.client.is_connected());
    }
}

TEST_P(session_receive, a_repetition_of_one_that_came_again_is_recognised_by_its_fingerprint) {
    d.server(qos1(1, "a"));
    d.reconnect(true);
    d.server({dup(qos1(1, "a")), dup(qos1(1, "a"))});
    EXPECT_EQ(d.count<message_received>(), 1u);
    EXPECT_EQ(d.client.stats().duplicates, 2u);
}

TEST_P(session_receive, malformed_bytes_end_the_connection) {
    using namespace std::string_view_literals;
    d.raw(bytes::over_static("\x36\x03\x00\x01t"sv)); // QoS 3
    expect_closed(d, reason_code::malformed_packet);
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::malformed_packet});
    EXPECT_FALSE(d.last<close_requested>().fatal);
}

TEST_P(session_receive, half_a_packet_does_not_reach_the_next_connection) {
    const auto whole = encoded(qos0("hello"), GetParam());
    d.raw(whole.slice(0, 4));
    d.reconnect(true);
    EXPECT_TRUE(d.client.is_connected());
    d.raw(whole);
    EXPECT_EQ(d.last<message_received>().received.payload, "hello");
}

TEST_P(session_receive, any_split_of_the_stream_gives_the_same_events) {
    output_buffer all;
    for (const packet& p : packets(qos1(1), qos0("abc"), qos2(2, "defg"), dup(qos1(1)), pubrel(9)))
        encode(p, GetParam(), all);
    std::string stream;
    for (const auto& part : all.segments())
        stream.append(reinterpret_cast<const char*>(part.data()), part.size());
    d.forget();
    d.raw(bytes::copy(stream));
    const auto expected = d.sent();
    const auto messages = d.all<message_received>();
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        session_driver other{lasting(GetParam())};
        other.accept(false);
        other.raw(bytes::copy(stream.substr(0, cut)));
        other.raw(bytes::copy(stream.substr(cut)));
        EXPECT_EQ(other.all<message_received>(), messages) << cut;
        EXPECT_EQ(other.sent(), expected) << cut;
    }
}

/// What a session hands out that is asked for messages only after it has received all of `received`.
std::string handed_out(qos0_buffer_policy policy, const std::vector<publish>& received) {
    auto o = lasting();
    o.qos0_buffer_messages = 4;
    o.qos0_buffer_policy = policy;
    session_driver slow{o};
    slow.client = session{o}; // without demand
    slow.accept(false);
    for (const auto& p : received)
        slow.server(p);
    slow.client.demand(1, slow.now, slow.happened);
    slow.client.demand(100, slow.now, slow.happened);
    std::string payloads;
    for (const auto& m : slow.all<message_received>())
        payloads += m.received.payload.text();
    return payloads;
}

TEST(session_receive_mixed, messages_come_in_the_order_of_arrival_while_qos0_has_room) {
    EXPECT_EQ(
        handed_out(
            qos0_buffer_policy::drop_oldest,
            {qos0("a"), qos1(1, "1"), qos0("b"), qos0("c"), qos2(2, "2"), qos1(3, "3")}),
        "a1bc23");
}

TEST(session_receive_mixed, a_full_qos0_buffer_holds_up_no_other_nor_they_it) {
    const std::vector<publish> flood{qos0("a"),    qos0("b"),    qos0("c"),    qos0("d"),    qos1(1, "1"),
                                     qos1(2, "2"), qos2(3, "3"), qos1(4, "4"), qos1(5, "5"), qos1(6, "6")};
    EXPECT_EQ(handed_out(qos0_buffer_policy::drop_newest, flood), "1a2b3c4d56");
    EXPECT_EQ(handed_out(qos0_buffer_policy::drop_oldest, flood), "1a2b3c4d56");
    EXPECT_EQ(handed_out(qos0_buffer_policy::keep_latest, flood), "1a2b3c4d56");
}

TEST_P(session_receive, demand_is_never_exceeded) {
    session_driver pull{lasting(GetParam())};
    pull.client = session{pull.options};
    pull.accept(false);
    pull.server({qos1(1), qos0("two"), qos2(3), qos0("four"), qos1(5)});
    EXPECT_EQ(pull.count<message_received>(), 0u);
    pull.client.demand(3, pull.now, pull.happened);
    auto got = pull.all<message_received>();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].received.packet_id, 1);
    EXPECT_EQ(got[1].received.payload, "two");
    EXPECT_EQ(got[2].received.packet_id, 3);
    pull.client.demand(10, pull.now, pull.happened);
    got = pull.all<message_received>();
    ASSERT_EQ(got.size(), 5u);
    EXPECT_EQ(got[3].received.payload, "four");
    EXPECT_EQ(got[4].received.packet_id, 5);
}

TEST_P(session_receive, paused_delivers_nothing_and_answers_everything) {
    d.server({qos1(1), qos2(2)});
    d.ack({d.token(1)});
    (void)d.sent();
    d.forget();
    d.client.pause(d.now);
    d.server({qos0("a"), qos1(3), pubrel(2)});
    EXPECT_EQ(d.count<message_received>(), 0u);
    EXPECT_EQ(d.sent(), packets(pubcomp(2)));
    d.client.resume(d.now, d.happened);
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_P(session_receive, qos0_beyond_its_queue_is_dropped_by_policy_and_counted) {
    auto options = lasting(GetParam());
    options.qos0_buffer_messages = 2;
    session_driver slow{options};
    slow.accept(false);
    slow.client.pause(slow.now);
    slow.server({qos0("1"), qos0("2"), qos0("3"), qos0("4"), qos1(1)});
    EXPECT_EQ(slow.client.stats().qos0_dropped, 2u);
    EXPECT_EQ(
        slow.all<dropped>(),
        (std::vector<dropped>{{dropped::what::qos0_buffer_full, 2, {bytes::copy("t"), bytes::copy("t")}}}));
    EXPECT_TRUE(slow.client.wants_read());
    slow.client.resume(slow.now, slow.happened);
    const auto got = slow.all<message_received>();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].received.packet_id, 1) << "those that wait take turns";
    EXPECT_EQ(got[1].received.payload, "3");
    EXPECT_EQ(got[2].received.payload, "4");
}

TEST_P(session_receive, qos0_may_stop_reading_instead) {
    auto options = lasting(GetParam());
    options.qos0_buffer_messages = 2;
    options.qos0_buffer_policy = qos0_buffer_policy::pause_reading;
    session_driver slow{options};
    slow.accept(false);
    slow.client.pause(slow.now);
    slow.server({qos0("1"), qos0("2"), qos0("3")});
    EXPECT_FALSE(slow.client.wants_read());
    slow.client.resume(slow.now, slow.happened);
    EXPECT_TRUE(slow.client.wants_read());
    EXPECT_EQ(slow.count<message_received>(), 3u);
    EXPECT_EQ(slow.client.stats().qos0_dropped, 0u);
}

TEST_P(session_receive, qos0_that_waits_survives_the_connection) {
    d.client.pause(d.now);
    d.server(qos0("kept"));
    d.reconnect(true);
    d.client.resume(d.now, d.happened);
    EXPECT_EQ(d.last<message_received>().received.payload, "kept");
    EXPECT_EQ(d.last<message_received>().connection, 1u);
}

TEST_P(session_receive, bytes_handed_out_are_bounded_too) {
    auto options = lasting(GetParam());
    options.receive_bytes = 10;
    session_driver small{options};
    small.accept(false);
    small.server({qos1(1, "a message larger than the bound goes alone"), qos1(2, "b"), qos1(3, "c")});
    EXPECT_EQ(small.count<message_received>(), 1u);
    small.ack({small.token(0)});
    EXPECT_EQ(small.count<message_received>(), 3u);
}

TEST_P(session_receive, reading_stops_at_the_read_ahead_bound) {
    auto options = lasting(GetParam());
    options.read_ahead_bytes = 1'000;
    session_driver small{options};
    small.accept(false);
    small.client.pause(small.now);
    std::uint16_t id = 0;
    while (small.client.wants_read())
        small.server(qos1(++id, std::string(100, 'x')));
    EXPECT_EQ(id, 7); // 100 bytes, a topic, and what each costs besides
    EXPECT_GE(small.client.stats().read_ahead, 1'000u);
    small.server(pubrel(99)); // was read already
    EXPECT_EQ(small.sent().size(), 1u);
    small.client.resume(small.now, small.happened);
    EXPECT_TRUE(small.client.wants_read());
    EXPECT_EQ(small.client.stats().read_ahead, 0u);
}

} // namespace
} // namespace weir::mqtt
