// Publishing on MQTT 5: reason codes, the server's limits, expiry, aliases.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

connack with(property_id id, std::uint32_t value, bool session_present = false) {
    connack c;
    c.session_present = session_present;
    c.props.set(id, value);
    return c;
}

publish as_sent(qos level, std::uint16_t id, std::string_view payload) {
    return message(level, id, payload);
}

class session_publish_v5 : public testing::Test {
  protected:
    session_driver d{lasting()};

    operation_id publish_one(qos level, std::string_view payload = "x") {
        return d.client.publish(to_publish(level, payload), d.now, d.happened).value();
    }

    void expect_failed(errc code) {
        EXPECT_EQ(d.last<publish_done>().failed, error{code});
        EXPECT_EQ(d.sent(), packets());
    }
};

TEST_F(session_publish_v5, failure_codes_are_failures) {
    d.accept(false);
    publish_one(qos::at_least_once);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server(puback(1, reason_code::quota_exceeded));
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::rejected});
    EXPECT_EQ(d.last<publish_done>().code, reason_code::quota_exceeded);
    d.server(pubrec(2, reason_code::not_authorized));
    expect_failed(errc::rejected); // and no PUBREL
    d.server(pubrec(2, reason_code::not_authorized));
    EXPECT_EQ(d.client.stats().unexpected_acks, 1u);
    EXPECT_EQ(d.sent(), packets());
}

TEST_F(session_publish_v5, no_matching_subscribers_is_a_success) {
    d.accept(false);
    publish_one(qos::at_least_once);
    (void)d.sent();
    d.server(puback(1, reason_code::no_matching_subscribers));
    EXPECT_FALSE(d.last<publish_done>().failed);
    EXPECT_EQ(d.last<publish_done>().code, reason_code::no_matching_subscribers);
}

TEST_F(session_publish_v5, pubcomp_not_found_is_harmless_only_after_a_resumption) {
    d.accept(false);
    publish_one(qos::exactly_once);
    publish_one(qos::exactly_once);
    (void)d.sent();
    d.server({pubrec(1), pubrec(2), pubcomp(1, reason_code::packet_identifier_not_found)});
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::rejected});
    d.reconnect(true);
    d.server(pubcomp(2, reason_code::packet_identifier_not_found));
    EXPECT_FALSE(d.last<publish_done>().failed);
}

TEST_F(session_publish_v5, the_servers_receive_maximum_holds) {
    d.accept(with(property_id::receive_maximum, 2));
    for (int i = 0; i < 5; ++i)
        publish_one(qos::exactly_once);
    EXPECT_EQ(d.sent().size(), 2u);
    d.server(pubrec(1));
    EXPECT_EQ(d.sent(), packets(pubrel(1)));
    d.server(pubcomp(1));
    EXPECT_EQ(d.sent().size(), 1u);
    d.server(pubrec(2, reason_code::quota_exceeded));
    EXPECT_EQ(d.sent().size(), 1u);
}

TEST_F(session_publish_v5, a_smaller_window_after_resume_drops_nothing) {
    d.accept(with(property_id::receive_maximum, 10));
    for (int i = 0; i < 10; ++i)
        publish_one(qos::at_least_once);
    EXPECT_EQ(d.sent().size(), 10u);
    d.lose();
    publish_one(qos::at_least_once, "new");
    d.accept(with(property_id::receive_maximum, 2, true));
    std::vector<std::uint16_t> order;
    for (auto out = d.sent(); !out.empty(); out = d.sent()) {
        EXPECT_LE(out.size(), 2u);
        for (const auto& p : out) {
            const auto& one = std::get<publish>(p);
            EXPECT_EQ(one.dup, one.payload != "new");
            order.push_back(one.packet_id);
            d.server(puback(one.packet_id));
        }
    }
    EXPECT_EQ(order, (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    EXPECT_EQ(d.count<publish_done>(), 11u);
}

TEST_F(session_publish_v5, an_answer_may_come_before_its_turn_to_be_sent_again) {
    d.accept(false);
    for (int i = 0; i < 3; ++i)
        publish_one(qos::exactly_once);
    (void)d.sent();
    d.lose();
    d.accept(with(property_id::receive_maximum, 1, true));
    EXPECT_EQ(d.sent().size(), 1u);
    d.server({pubrec(2), pubcomp(2)});
    EXPECT_EQ(d.sent(), packets(pubrel(2)));
    d.server(pubrec(1));
    d.server(pubcomp(1));
    EXPECT_EQ(d.sent(), packets(pubrel(1), dup(as_sent(qos::exactly_once, 3, "x"))));
}

TEST_F(session_publish_v5, limits_are_kept_before_sending) {
    connack c;
    c.props.set(property_id::maximum_qos, 1u);
    c.props.set(property_id::retain_available, 0u);
    c.props.set(property_id::maximum_packet_size, 30u);
    publish_one(qos::exactly_once); // queued before the limit was known
    d.accept(c);
    expect_failed(errc::qos_not_supported);
    auto retained = to_publish(qos::at_most_once);
    retained.retain = true;
    ASSERT_TRUE(d.client.publish(retained, d.now, d.happened));
    expect_failed(errc::retain_not_supported);
    publish_one(qos::at_most_once, std::string(25, 'x')); // 2 + 2 + 1 + 1 + 25
    expect_failed(errc::packet_too_large);
    publish_one(qos::at_most_once, std::string(24, 'x'));
    EXPECT_EQ(d.sent().size(), 1u);
}

TEST_F(session_publish_v5, a_message_the_server_no_longer_takes_is_given_up_and_its_id_kept) {
    d.accept(false);
    publish_one(qos::exactly_once, std::string(100, 'x'));
    publish_one(qos::exactly_once, "small");
    (void)d.sent();
    d.lose();
    d.accept(with(property_id::maximum_packet_size, 50, true));
    EXPECT_EQ(d.sent(), packets(dup(as_sent(qos::exactly_once, 2, "small"))));
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::packet_too_large});
    d.server({pubrec(2), pubcomp(2)});
    (void)d.sent();
    for (int i = 0; i < 65'534; ++i) {
        publish_one(qos::at_least_once, "x");
        const auto out = d.sent();
        ASSERT_EQ(out.size(), 1u);
        const auto id = std::get<publish>(out[0]).packet_id;
        ASSERT_NE(id, 1);
        d.server(puback(id));
        d.forget();
    }
    d.reconnect(false); // with the session the reason for keeping it goes
    for (int i = 0; i < 65'535; ++i) {
        publish_one(qos::at_least_once, "x");
        const auto id = std::get<publish>(d.sent().at(0)).packet_id;
        d.server(puback(id));
        d.forget();
        if (id == 1) return;
    }
    FAIL() << "id 1 never came back";
}

TEST_F(session_publish_v5, waiting_lowers_the_expiry_interval) {
    auto expiring = to_publish(qos::at_most_once);
    expiring.props.set(property_id::message_expiry_interval, 10u);
    ASSERT_TRUE(d.client.publish(expiring, d.now, d.happened));
    expiring.props.set(property_id::message_expiry_interval, 2u);
    const auto late = *d.client.publish(expiring, d.now, d.happened);
    d.wait(2500ms);
    d.accept(false);
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(std::get<publish>(out[0]).props.number(property_id::message_expiry_interval), 8u);
    EXPECT_EQ(d.all<publish_done>()[0].operation, late);
    EXPECT_EQ(d.all<publish_done>()[0].failed, error{errc::expired});
}

TEST_F(session_publish_v5, a_queued_message_always_carries_its_whole_topic) {
    d.accept(with(property_id::topic_alias_maximum, 10));
    publish_one(qos::at_least_once);
    (void)d.sent();
    d.lose();
    d.accept(with(property_id::topic_alias_maximum, 10, true));
    EXPECT_EQ(std::get<publish>(d.sent().at(0)).topic, "t");
}

} // namespace
} // namespace weir::mqtt
