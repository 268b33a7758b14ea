// A packet has 1,000 properties at most. A message with more is refused by its acknowledgement; what cannot
// be refused ends the connection.
#include "unit/session_driver.hpp"

#include <weir/mqtt/codec/decoder.hpp>

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

constexpr std::size_t most = decoder::most_properties;

properties user_properties(std::size_t count) {
    properties all;
    for (std::size_t i = 0; i < count; ++i)
        all.add_user_property("k", std::to_string(i));
    return all;
}

publish with_properties(publish p, std::size_t count) {
    p.props = user_properties(count);
    return p;
}

std::uint64_t counted(const session_driver& d) {
    return d.client.stats().dropped_by_reason[static_cast<std::size_t>(dropped::what::too_many_properties)];
}

TEST(session_property_bound, a_thousand_are_taken) {
    for (const auto& p : {qos0(), qos1(1), qos2(1)}) {
        session_driver d{of_version(protocol_version::v5)};
        d.accept();
        d.server(with_properties(p, most));
        ASSERT_EQ(d.count<message_received>(), 1u);
        EXPECT_EQ(d.last<message_received>().received.props.size(), most);
        EXPECT_EQ(counted(d), 0u);
    }
}

TEST(session_property_bound, a_message_with_more_is_refused_in_its_turn) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({qos1(1), with_properties(qos1(2), most + 1), with_properties(qos2(3), 3 * most), qos1(4)});
    ASSERT_EQ(d.count<message_received>(), 2u);
    EXPECT_EQ(d.sent(), packets(pubrec(3, reason_code::quota_exceeded)));
    d.ack({d.token(0), d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(2, reason_code::quota_exceeded), puback(4)));
    EXPECT_EQ(d.let_go(dropped::what::too_many_properties), 2u);
    EXPECT_EQ(counted(d), 2u);
    EXPECT_TRUE(d.client.is_connected());
}

TEST(session_property_bound, its_id_is_free_again) {
    session_driver d{of_version(protocol_version::v5)};
    d.accept();
    for (int i = 0; i < 3; ++i) {
        d.server(with_properties(qos2(3), most + 1));
        EXPECT_EQ(d.sent(), packets(pubrec(3, reason_code::quota_exceeded)));
    }
    d.server(qos2(3));
    EXPECT_EQ(d.count<message_received>(), 1u);
}

// Also from a message that is refused, and wherever the alias stands in it.
TEST(session_property_bound, an_alias_is_learned_all_the_same) {
    auto o = of_version(protocol_version::v5);
    o.topic_alias_maximum = 1;
    session_driver d{o};
    d.accept();
    auto p = with_properties(qos1(1), most + 5);
    p.props.set(property_id::topic_alias, 1u);
    auto next = qos1(2);
    next.topic = {};
    next.props.set(property_id::topic_alias, 1u);
    d.server({p, next});
    ASSERT_EQ(d.count<message_received>(), 1u);
    EXPECT_EQ(d.last<message_received>().received.topic, "t");
    EXPECT_EQ(d.last<message_received>().received.packet_id, 2);
}

TEST(session_property_bound, what_has_no_answer_ends_the_connection) {
    auto suback_of = suback{.packet_id = 1, .codes = {reason_code::success}};
    suback_of.props = user_properties(most + 1);
    auto puback_of = puback(1);
    puback_of.props = user_properties(most + 1);
    for (const packet& p :
         {packet{with_properties(qos0(), most + 1)}, packet{puback_of}, packet{suback_of},
          packet{disconnect{reason_code::server_busy, user_properties(most + 1)}}}) {
        session_driver d{of_version(protocol_version::v5)};
        d.accept();
        d.server(p);
        EXPECT_EQ(counted(d), 1u);
        EXPECT_EQ(d.last<close_requested>().reason.code, errc::protocol_error);
        EXPECT_NE(
            d.last<close_requested>().reason.detail.find("more than 1000 properties"), std::string::npos);
        expect_closed(d, reason_code::protocol_error);
    }
}

TEST(session_property_bound, raw_acks_leave_no_way_to_refuse) {
    auto o = of_version(protocol_version::v5);
    o.raw_acks = true;
    session_driver d{o};
    d.accept();
    d.server(with_properties(qos1(1), most + 1));
    EXPECT_EQ(counted(d), 1u);
    expect_closed(d, reason_code::protocol_error);
}

} // namespace
} // namespace weir::mqtt
