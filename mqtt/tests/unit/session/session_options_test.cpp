// Options that change what a session does by default.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

operation_id publish_one(session_driver& d, qos level, std::string_view payload = "x") {
    return d.client.publish(to_publish(level, payload), d.now, d.happened).value();
}

connack with(property_id id, std::uint32_t value, bool session_present = false) {
    connack c{session_present, 0, {}};
    c.props.set(id, value);
    return c;
}

TEST(session_options, complete_on_pubrec_gives_the_outcome_once) {
    auto o = lasting();
    o.complete_on = complete_on::pubrec;
    session_driver d{o};
    d.accept(false);
    const auto operation = publish_one(d, qos::exactly_once);
    d.server(pubrec(1, reason_code::no_matching_subscribers));
    EXPECT_EQ(
        d.last<publish_done>(), (publish_done{operation, {}, 1, reason_code::no_matching_subscribers, {}}));
    (void)d.sent();
    d.reconnect(true);
    EXPECT_EQ(d.sent(), packets(pubrel(1)));
    d.server(pubcomp(1));
    EXPECT_EQ(d.count<publish_done>(), 1u);
    EXPECT_EQ(d.client.stats().outbound_inflight, 0u);
}

TEST(session_options, strict_order_lets_qos0_overtake_nothing) {
    auto o = lasting();
    o.max_inflight = 1;
    o.strict_order = true;
    session_driver d{o};
    d.accept(false);
    publish_one(d, qos::at_least_once, "1");
    publish_one(d, qos::at_least_once, "2");
    publish_one(d, qos::at_most_once, "3");
    EXPECT_EQ(d.sent(), packets(qos1(1, "1")));
    d.server(puback(1));
    EXPECT_EQ(d.sent(), packets(qos1(2, "2"), qos0("3")));
}

TEST(session_options, a_lost_session_can_republish_qos2_and_end_qos1) {
    auto o = lasting();
    o.on_session_lost_qos1 = on_session_lost::fail;
    o.on_session_lost_qos2 = on_session_lost::republish;
    session_driver d{o};
    d.accept(false);
    const auto first = publish_one(d, qos::at_least_once, "1");
    publish_one(d, qos::exactly_once, "2");
    (void)d.sent();
    d.reconnect(false);
    EXPECT_EQ(d.last<publish_done>().operation, first);
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::session_lost});
    EXPECT_EQ(d.sent(), packets(qos2(3, "2")));
}

TEST(session_options, queue_while_disconnected_names_who_may_wait) {
    auto o = lasting();
    o.queue_while_disconnected = queue_while_disconnected::qos0_off;
    o.max_inflight = 1;
    session_driver d{o};
    EXPECT_EQ(
        d.client.publish(to_publish(qos::at_most_once), d.now, d.happened).error(),
        error{errc::not_connected});
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));

    o.queue_while_disconnected = queue_while_disconnected::none;
    session_driver none{o};
    EXPECT_EQ(
        none.client.publish(to_publish(qos::at_least_once), none.now, none.happened).error(),
        error{errc::not_connected});
    none.accept(false);
    publish_one(none, qos::at_least_once, "sent");
    const auto queued = publish_one(none, qos::at_least_once, "queued");
    none.lose();
    EXPECT_EQ(none.last<publish_done>().operation, queued);
    EXPECT_EQ(none.last<publish_done>().failed, error{errc::disconnected});
    EXPECT_EQ(none.count<publish_done>(), 1u) << "what was sent belongs to the session";
}

TEST(session_options, downgrade_qos_sends_what_the_server_takes_and_says_so) {
    auto o = lasting();
    o.downgrade_qos = true;
    session_driver d{o};
    d.accept(with(property_id::maximum_qos, 1));
    publish_one(d, qos::exactly_once);
    EXPECT_EQ(d.sent(), packets(qos1(1)));
    d.server(puback(1));
    EXPECT_TRUE(d.last<publish_done>().downgraded);
    d.lose();
    publish_one(d, qos::at_least_once, "queued");
    d.accept(with(property_id::maximum_qos, 0, true));
    EXPECT_EQ(d.sent(), packets(qos0("queued")));
    EXPECT_TRUE(d.last<publish_done>().downgraded);
    EXPECT_FALSE(d.last<publish_done>().failed);
}

TEST(session_options, what_waits_is_held_against_each_connack) {
    session_driver d{lasting()};
    d.accept(false);
    d.lose();
    publish_one(d, qos::exactly_once);
    d.accept(with(property_id::maximum_qos, 1, true));
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::qos_not_supported});
    EXPECT_EQ(d.sent(), packets());
}

TEST(session_options, a_call_may_fail_with_its_connection) {
    auto o = lasting();
    o.retry_calls_on_reconnect = false;
    session_driver d{o};
    EXPECT_TRUE(d.client.subscribe({{"waits"}}, {}, d.now));
    d.accept(false);
    EXPECT_TRUE(d.client.unsubscribe({"b"}, d.now));
    EXPECT_EQ(d.sent().size(), 2u);
    d.lose();
    EXPECT_EQ(d.last<subscribe_done>().failed, error{errc::disconnected});
    EXPECT_EQ(d.last<unsubscribe_done>().failed, error{errc::disconnected});
    d.accept(true);
    EXPECT_EQ(d.sent(), packets());
}

TEST(session_options, relaxed_acks_leave_as_they_are_given) {
    auto o = lasting();
    o.ack_order = ack_order::relaxed;
    session_driver d{o};
    d.accept(false);
    d.server({qos1(1), qos1(2), qos2(3), qos2(4)});
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(2)));
    d.ack({d.token(3), d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(4), puback(1)));
    d.defer(d.token(2));
    EXPECT_EQ(d.sent(), packets());
    d.reconnect(true);
    d.server({dup(qos2(4)), dup(qos2(3))});
    EXPECT_EQ(d.sent(), packets(pubrec(4)));
    d.ack({d.token(2)});
    EXPECT_EQ(d.sent(), packets(pubrec(3)));
    EXPECT_EQ(d.client.stats().window_used, 0u);
}

TEST(session_options, session_strict_asks_for_a_fresh_session_where_it_knows_of_none) {
    auto o = lasting();
    o.session_strict = true;
    session_driver d{o};
    EXPECT_FALSE(d.accept(true).clean_start);
    expect_closed(d, reason_code::protocol_error);
    EXPECT_FALSE(d.last<close_requested>().fatal);
    d.lose();
    EXPECT_TRUE(d.accept(false).clean_start);
    EXPECT_TRUE(d.client.is_connected());
    EXPECT_FALSE(d.reconnect(true).clean_start);
    EXPECT_TRUE(d.client.is_connected()) << "it knows of the session now";
}

TEST(session_options, clean_start_always_is_for_every_connection) {
    auto o = lasting();
    o.clean_start = true;
    o.clean_start_always = true;
    session_driver d{o};
    EXPECT_TRUE(d.accept(false).clean_start);
    EXPECT_TRUE(d.reconnect(false).clean_start);
}

TEST(session_options, a_shorter_session_than_asked_for_is_told) {
    session_driver d{lasting()};
    d.accept(with(property_id::session_expiry_interval, 60));
    EXPECT_EQ(d.all<session_expiry_lowered>(), (std::vector<session_expiry_lowered>{{3600, 60}}));
    EXPECT_EQ(d.last<connected>().session_expiry, 60u);
}

TEST(session_options, a_lower_grant_is_told_and_listed) {
    session_driver d{lasting()};
    d.accept(false);
    EXPECT_TRUE(d.client.subscribe({{"a", qos::exactly_once}, {"b"}, {"c"}}, {}, d.now));
    const std::vector codes{reason_code::granted_qos_1, reason_code::success, reason_code::not_authorized};
    d.server(suback{std::get<subscribe>(d.sent().at(0)).packet_id, codes, {}});
    EXPECT_EQ(
        d.all<granted_lower>(), (std::vector<granted_lower>{{"a", qos::exactly_once, qos::at_least_once}}));
    const std::vector<granted_subscription> standing{
        {{"a", qos::exactly_once}, qos::at_least_once, {}}, {{"b"}, qos::at_most_once, {}}};
    EXPECT_EQ(d.client.subscriptions(), standing);
}

TEST(session_options, strict_utf8_refuses_what_the_standard_advises_against) {
    auto o = lasting();
    o.strict_utf8 = true;
    session_driver d{o};
    for (const char* topic :
         {"a\tb", "a\x7f", "\xC2\x80", "\xEF\xBF\xBF", "\xEF\xB7\x90", "\xF0\x9F\xBF\xBE"}) {
        auto m = to_publish(qos::at_most_once);
        m.topic = bytes::copy(topic);
        EXPECT_EQ(d.client.publish(m, d.now, d.happened).error(), error{errc::topic_name_invalid}) << topic;
        EXPECT_EQ(d.client.subscribe({{topic}}, {}, d.now).error(), error{errc::topic_filter_invalid});
        EXPECT_EQ(d.client.unsubscribe({topic}, d.now).error(), error{errc::topic_filter_invalid});
        m.topic = bytes::over_static("t");
        m.props.add_user_property("name", topic);
        EXPECT_EQ(d.client.publish(m, d.now, d.happened).error(), error{errc::property_invalid});
    }
    auto m = to_publish(qos::at_most_once);
    m.topic = bytes::over_static("z\xC3\xBCrich/\xE6\x9D\xB1\xE4\xBA\xAC/\xF0\x9F\x98\x80 \xC2\xA0");
    EXPECT_TRUE(d.client.publish(m, d.now, d.happened));
}

} // namespace
} // namespace weir::mqtt
