// Publishing: outcomes, window, queue, resending.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

publish as_sent(qos level, std::uint16_t id, std::string_view payload) {
    return message(level, id, payload);
}

class session_publish : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{lasting(GetParam())};
    bool v5 = GetParam() == protocol_version::v5;

    operation_id publish_one(qos level, std::string_view payload = "x") {
        const auto made = d.client.publish(to_publish(level, payload), d.now, d.happened);
        EXPECT_TRUE(made);
        return made ? *made : 0;
    }

    void expect_violation() {
        EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
        const auto out = d.sent();
        if (v5) {
            EXPECT_EQ(out, packets(disconnect{reason_code::protocol_error, {}}));
        } else {
            EXPECT_EQ(out, packets());
        }
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_publish, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_publish, qos0_is_done_when_it_was_written) {
    d.accept(false);
    const auto operation = publish_one(qos::at_most_once);
    output_buffer out;
    d.client.take_output(out);
    EXPECT_EQ(d.count<publish_done>(), 0u);
    d.client.written(d.now, d.happened);
    EXPECT_EQ(d.last<publish_done>(), (publish_done{operation, {}, 0, reason_code::success, {}}));
}

TEST_P(session_publish, qos0_that_was_not_written_fails_with_the_connection) {
    d.accept(false);
    publish_one(qos::at_most_once);
    output_buffer out;
    d.client.take_output(out);
    publish_one(qos::at_most_once);
    d.lose();
    ASSERT_EQ(d.count<publish_done>(), 2u);
    EXPECT_EQ(d.all<publish_done>()[0].failed, error{errc::disconnected});
    EXPECT_EQ(d.all<publish_done>()[1].failed, error{errc::disconnected});
}

TEST_P(session_publish, qos1_is_done_at_puback_and_qos2_at_pubcomp) {
    d.accept(false);
    const auto one = publish_one(qos::at_least_once, "1");
    const auto two = publish_one(qos::exactly_once, "2");
    EXPECT_EQ(d.sent(), packets(as_sent(qos::at_least_once, 1, "1"), as_sent(qos::exactly_once, 2, "2")));
    d.server(puback(1));
    EXPECT_EQ(d.last<publish_done>(), (publish_done{one, {}, 1, reason_code::success, {}}));
    d.server(pubrec(2));
    EXPECT_EQ(d.count<publish_done>(), 1u);
    EXPECT_EQ(d.sent(), packets(pubrel(2)));
    d.server(pubcomp(2));
    EXPECT_EQ(d.last<publish_done>(), (publish_done{two, {}, 2, reason_code::success, {}}));
    EXPECT_EQ(d.client.stats().outbound_inflight, 0u);
}

TEST_P(session_publish, nothing_bad_is_accepted) {
    auto o = to_publish(qos::at_most_once);
    o.topic = bytes::over_static("a/#");
    EXPECT_EQ(d.client.publish(o, d.now, d.happened).error(), error{errc::topic_name_invalid});
    o = to_publish(qos::at_most_once);
    o.props.set(property_id::topic_alias, 0u);
    const error no_alias{v5 ? errc::property_invalid : errc::unsupported_by_version};
    EXPECT_EQ(d.client.publish(o, d.now, d.happened).error(), no_alias);
    o = to_publish(qos::at_most_once);
    o.props.set(property_id::content_type, "json");
    EXPECT_EQ(d.client.publish(o, d.now, d.happened).has_value(), v5);
    EXPECT_EQ(d.count<publish_done>(), 0u);
}

TEST_P(session_publish, what_is_published_offline_waits) {
    publish_one(qos::at_most_once, "1");
    publish_one(qos::at_least_once, "2");
    EXPECT_EQ(d.client.stats().send_queue, 2u);
    d.accept(false);
    EXPECT_EQ(d.sent(), packets(qos0("1"), as_sent(qos::at_least_once, 1, "2")));
    EXPECT_EQ(d.client.stats().send_queue, 0u);
}

TEST_P(session_publish, a_full_queue_is_an_error) {
    auto o = lasting(GetParam());
    o.send_queue_messages = 2;
    session_driver small{o};
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_most_once), small.now, small.happened));
    EXPECT_EQ(
        small.client.publish(to_publish(qos::at_most_once), small.now, small.happened).error(),
        error{errc::queue_full});
}

TEST_P(session_publish, or_makes_room_with_the_oldest_qos0) {
    auto o = lasting(GetParam());
    o.send_queue_messages = 2;
    o.send_queue_policy = send_queue_policy::drop_oldest_qos0;
    session_driver small{o};
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    const auto dropped = *small.client.publish(to_publish(qos::at_most_once), small.now, small.happened);
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    EXPECT_EQ(small.last<publish_done>().operation, dropped);
    EXPECT_EQ(small.last<publish_done>().failed, error{errc::queue_full});
    EXPECT_EQ(
        small.client.publish(to_publish(qos::at_most_once), small.now, small.happened).error(),
        error{errc::queue_full});
}

TEST_P(session_publish, the_own_window_holds) {
    auto o = lasting(GetParam());
    o.max_inflight = 2;
    session_driver small{o};
    small.accept(false);
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    EXPECT_EQ(small.sent().size(), 2u);
    small.server(puback(1));
    EXPECT_EQ(small.sent().size(), 1u);
    small.server({puback(2), puback(3)});
    EXPECT_EQ(small.sent().size(), 2u);
}

TEST_P(session_publish, qos0_overtakes_a_full_window_and_calls_are_not_held_up) {
    auto o = lasting(GetParam());
    o.max_inflight = 1;
    session_driver small{o};
    small.accept(false);
    ASSERT_TRUE(small.client.publish(to_publish(qos::exactly_once, "1"), small.now, small.happened));
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_least_once, "2"), small.now, small.happened));
    ASSERT_TRUE(small.client.publish(to_publish(qos::at_most_once, "3"), small.now, small.happened));
    ASSERT_TRUE(small.client.subscribe({{"a"}}, {}, small.now));
    small.server(qos1(9));
    small.ack({small.token(0)});
    const auto out = small.sent();
    ASSERT_EQ(out.size(), 4u);
    EXPECT_EQ(out[0], packet{as_sent(qos::exactly_once, 1, "1")});
    EXPECT_EQ(out[1], packet{qos0("3")});
    EXPECT_TRUE(std::holds_alternative<subscribe>(out[2]));
    EXPECT_EQ(out[3], packet{puback(9)});
    small.server(pubrec(1)); // frees nothing
    EXPECT_EQ(small.sent(), packets(pubrel(1)));
    small.server(pubcomp(1));
    EXPECT_EQ(small.sent().size(), 1u);
}

TEST_P(session_publish, an_id_that_is_not_answered_is_never_used_again) {
    d.accept(false);
    publish_one(qos::at_least_once); // id 1
    (void)d.sent();
    for (int i = 0; i < 70'000; ++i) {
        publish_one(qos::at_least_once);
        const auto out = d.sent();
        ASSERT_EQ(out.size(), 1u);
        const auto id = std::get<publish>(out[0]).packet_id;
        ASSERT_NE(id, 1);
        d.server(puback(id));
        d.forget();
    }
}

TEST_P(session_publish, answers_nobody_waits_for_are_counted) {
    d.accept(false);
    d.server({puback(5), pubcomp(6)});
    EXPECT_EQ(d.client.stats().unexpected_acks, 2u);
    EXPECT_EQ(d.let_go(dropped::what::unexpected_ack), 2u);
    EXPECT_EQ(d.sent(), packets());
    d.server(pubrec(7));
    EXPECT_EQ(
        d.sent(), packets(pubrel(7, v5 ? reason_code::packet_identifier_not_found : reason_code::success)));
    EXPECT_TRUE(d.client.is_connected());
}

TEST_P(session_publish, puback_for_a_qos2_id_ends_the_connection) {
    d.accept(false);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server(puback(1));
    expect_violation();
}

TEST_P(session_publish, pubrec_for_a_qos1_id_ends_the_connection) {
    d.accept(false);
    publish_one(qos::at_least_once);
    (void)d.sent();
    d.server(pubrec(1));
    expect_violation();
}

TEST_P(session_publish, pubcomp_for_a_qos1_id_ends_the_connection) {
    d.accept(false);
    publish_one(qos::at_least_once);
    (void)d.sent();
    d.server(pubcomp(1));
    expect_violation();
}

TEST_P(session_publish, pubcomp_before_pubrel_ends_the_connection) {
    d.accept(false);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server(pubcomp(1));
    expect_violation();
}

TEST_P(session_publish, a_second_pubrec_gets_a_second_pubrel) {
    d.accept(false);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server({pubrec(1), pubrec(1)});
    EXPECT_EQ(d.sent(), packets(pubrel(1), pubrel(1)));
    d.server(pubcomp(1));
    EXPECT_EQ(d.count<publish_done>(), 1u);
}

TEST_P(session_publish, pubrels_follow_the_pubrecs) {
    d.accept(false);
    publish_one(qos::exactly_once);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server({pubrec(2), pubrec(1)});
    EXPECT_EQ(d.sent(), packets(pubrel(2), pubrel(1)));
    d.reconnect(true);
    EXPECT_EQ(d.sent(), packets(pubrel(2), pubrel(1)));
}

TEST_P(session_publish, a_resumed_session_sends_again_in_order_before_anything_new) {
    d.accept(false);
    publish_one(qos::at_least_once, "1");
    publish_one(qos::exactly_once, "2");
    publish_one(qos::exactly_once, "3");
    publish_one(qos::at_least_once, "4");
    (void)d.sent();
    d.server(pubrec(3));
    (void)d.sent();
    d.lose();
    publish_one(qos::at_least_once, "new");
    d.accept(true);
    EXPECT_EQ(
        d.sent(),
        packets(
            dup(as_sent(qos::at_least_once, 1, "1")), dup(as_sent(qos::exactly_once, 2, "2")),
            dup(as_sent(qos::at_least_once, 4, "4")), pubrel(3), as_sent(qos::at_least_once, 5, "new")));
    EXPECT_EQ(d.client.stats().resent, 4u);
    d.server({puback(1), pubrec(2), pubcomp(3), puback(4), puback(5)});
    EXPECT_EQ(d.sent(), packets(pubrel(2)));
    EXPECT_EQ(d.count<publish_done>(), 4u);
}

TEST_P(session_publish, nothing_is_sent_again_on_a_live_connection) {
    d.accept(false);
    publish_one(qos::at_least_once);
    (void)d.sent();
    for (int minute = 0; minute < 10; ++minute) {
        d.wait(60s);
        for (const auto& p : d.sent())
            EXPECT_TRUE(std::holds_alternative<pingreq>(p));
        d.server(pingresp{});
    }
}

TEST_P(session_publish, a_lost_session_publishes_qos1_anew_and_ends_qos2) {
    d.accept(false);
    const auto one = publish_one(qos::at_least_once, "1");
    const auto two = publish_one(qos::exactly_once, "2");
    const auto three = publish_one(qos::exactly_once, "3");
    (void)one;
    (void)d.sent();
    d.server(pubrec(3));
    (void)d.sent();
    d.lose();
    publish_one(qos::at_least_once, "new");
    d.forget();
    d.accept(false);
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 2u);
    const auto& again = std::get<publish>(out[0]);
    EXPECT_EQ(again.payload, "1");
    EXPECT_FALSE(again.dup);
    EXPECT_EQ(std::get<publish>(out[1]).payload, "new");
    ASSERT_EQ(d.count<publish_done>(), 2u);
    EXPECT_EQ(d.all<publish_done>()[0].operation, two);
    EXPECT_EQ(d.all<publish_done>()[0].failed, error{errc::session_lost});
    EXPECT_EQ(d.all<publish_done>()[1].operation, three);
    EXPECT_FALSE(d.all<publish_done>()[1].failed);
    d.server(puback(again.packet_id));
    EXPECT_EQ(d.last<publish_done>().operation, one);
}

TEST_P(session_publish, random_losses_give_exactly_one_outcome_each) {
    d.accept(false);
    std::size_t asked = 0;
    for (int round = 0; round < 50; ++round) {
        for (const auto level : {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
            publish_one(level);
            ++asked;
        }
        if (round % 3 == 0) (void)d.sent();
        if (round % 4 == 0) {
            d.reconnect(round % 8 == 0);
            (void)d.sent();
        }
    }
    d.client.abort(d.happened);
    std::vector<operation_id> outcomes;
    for (const auto& done : d.all<publish_done>())
        outcomes.push_back(done.operation);
    std::sort(outcomes.begin(), outcomes.end());
    EXPECT_EQ(outcomes.size(), asked);
    EXPECT_TRUE(std::adjacent_find(outcomes.begin(), outcomes.end()) == outcomes.end());
}

TEST_P(session_publish, a_full_write_buffer_holds_the_rest_back) {
    d.accept(false);
    for (int i = 0; i < 20; ++i)
        publish_one(qos::at_most_once, std::string(64 * 1024, 'x'));
    EXPECT_EQ(d.client.stats().send_queue, 16u);
    std::size_t seen = 0;
    while (d.client.has_output())
        seen += d.sent().size();
    EXPECT_EQ(seen, 20u);
    EXPECT_EQ(d.count<publish_done>(), 20u);
}

} // namespace
} // namespace weir::mqtt
