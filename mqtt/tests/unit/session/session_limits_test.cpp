// What may not be sent, found before a byte of it is: in what the application says for one CONNECT, in AUTH,
// DISCONNECT and acks, and in what is sent again.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::mqtt {
namespace {

using namespace test;

const std::string too_long(65'536, 'x');

connack with_limit(property_id id, std::uint32_t value, bool session_present = false) {
    connack c{session_present, 0, {}};
    c.props.set(id, value);
    return c;
}

properties one(property_id id, std::string_view value) {
    properties p;
    p.set(id, value);
    return p;
}

error refused(protocol_version version, connect_extras extras, bool strict = false) {
    auto o = of_version(version);
    o.strict_utf8 = strict;
    session s{o};
    events none;
    auto why = s.opened(time_point{}, std::move(extras));
    EXPECT_FALSE(s.has_output());
    s.closed(error{errc::local_close}, time_point{}, none);
    EXPECT_TRUE(none.empty());
    return why;
}

// ---- CONNECT

TEST(session_limits, a_will_for_one_connect_is_looked_at_as_that_of_the_options) {
    struct row {
        will last;
        errc code;
        const char* named;
    };

    will with_property{.topic = "a"};
    with_property.props.set(property_id::receive_maximum, 1u);
    will with_long_text{.topic = "a"};
    with_long_text.props.set(property_id::content_type, too_long);
    for (const row& r : {
             row{{.topic = "a/#"}, errc::topic_name_invalid, "a/#"},
             row{{.topic = "\xff"}, errc::topic_name_invalid, "will"},
             row{{.topic = too_long}, errc::topic_name_invalid, "will"},
             row{{.topic = "a", .payload = too_long}, errc::option_invalid, "65536"},
             row{with_property, errc::property_invalid, "receive_maximum"},
             row{with_long_text, errc::property_invalid, "65536"},
         }) {
        const auto why = refused(protocol_version::v5, {.will = r.last});
        EXPECT_EQ(why, error{r.code}) << why.message();
        EXPECT_NE(why.detail.find(r.named), std::string::npos) << why.detail;
    }
    will of_v5{.topic = "a"};
    of_v5.props.set(property_id::will_delay_interval, 5u);
    EXPECT_EQ(refused(protocol_version::v4, {.will = of_v5}), error{errc::unsupported_by_version});
    EXPECT_EQ(
        refused(protocol_version::v5, {.will = will{.topic = "a\x01"}}, true),
        error{errc::topic_name_invalid});
}

TEST(session_limits, what_an_authenticator_says_first_is_looked_at) {
    const auto first = [](auth_message m, std::string method = "MINE", bool strict = false) {
        return refused(
            protocol_version::v5, {.auth_method = std::move(method), .auth = std::move(m)}, strict);
    };
    properties unlike_auth;
    unlike_auth.set(property_id::receive_maximum, 1u);
    properties control;
    control.add_user_property("a", "\x01");
    EXPECT_EQ(first({.data = too_long}), error{errc::auth_failed});
    EXPECT_NE(first({.data = too_long}).detail.find("65536"), std::string::npos);
    EXPECT_EQ(first({.data = "x"}, too_long), error{errc::auth_failed});
    EXPECT_EQ(first({.data = "x", .props = unlike_auth}), error{errc::auth_failed});
    EXPECT_EQ(first({.props = one(property_id::reason_string, "not in CONNECT")}), error{errc::auth_failed});
    EXPECT_EQ(first({.data = "x", .props = control}, "MINE", true), error{errc::auth_failed});
    EXPECT_EQ(refused(protocol_version::v4, {.auth_method = "MINE"}), error{errc::auth_failed});
}

// ---- AUTH

class session_limits_auth : public ::testing::Test {
  protected:
    void connect_with(connack answer, client_options o = of_version(protocol_version::v5)) {
        d = std::make_unique<session_driver>(std::move(o));
        d->open({.auth_method = "MINE", .auth = {.data = "first"}});
        answer.props.set(property_id::authentication_method, "MINE");
        d->server(answer);
        d->client.judge({}, d->now, d->happened);
        ASSERT_TRUE(d->client.is_connected());
    }

    std::unique_ptr<session_driver> d;
};

TEST_F(session_limits_auth, an_answer_that_cannot_be_sent_is_refused_and_may_be_judged) {
    session_driver s{of_version(protocol_version::v5)};
    s.open({.auth_method = "MINE"});
    s.server(auth{reason_code::continue_authentication, one(property_id::authentication_method, "MINE")});
    const auto why = s.client.authenticate({.data = too_long}, s.now);
    EXPECT_EQ(why, error{errc::property_invalid}) << why.message();
    EXPECT_EQ(s.sent(), packets());
    s.client.judge(why, s.now, s.happened);
    EXPECT_EQ(s.last<close_requested>().reason, error{errc::property_invalid});
}

TEST_F(session_limits_auth, a_reauthentication_keeps_to_the_servers_maximum_packet_size) {
    connect_with(with_limit(property_id::maximum_packet_size, 30));
    const auto large = d->client.reauthenticate({.data = std::string(30, 'x')}, d->now);
    EXPECT_EQ(large.error(), error{errc::packet_too_large});
    EXPECT_EQ(d->client.reauthenticate({.data = too_long}, d->now).error(), error{errc::property_invalid});
    EXPECT_EQ(d->sent(), packets());
    EXPECT_TRUE(d->client.reauthenticate({.data = "x"}, d->now)) << "none of them has begun";
    EXPECT_EQ(d->sent().size(), 1u);
}

TEST_F(session_limits_auth, strict_utf8_counts_for_it_too) {
    auto o = of_version(protocol_version::v5);
    o.strict_utf8 = true;
    connect_with({}, o);
    const auto why = d->client.reauthenticate({.props = one(property_id::reason_string, "\x01")}, d->now);
    EXPECT_EQ(why.error(), error{errc::property_invalid});
}

// ---- DISCONNECT

TEST(session_limits, a_disconnect_leaves_out_what_makes_it_too_large) {
    session_driver d{lasting()};
    d.accept(with_limit(property_id::maximum_packet_size, 30));
    properties props = one(property_id::reason_string, std::string(30, 'r'));
    props.set(property_id::session_expiry_interval, 5u);
    props.add_user_property("a", "b");
    EXPECT_FALSE(d.client.check_disconnect(reason_code::normal_disconnection, props));
    d.client.disconnect(reason_code::normal_disconnection, props, d.now, d.happened);
    props.remove(property_id::reason_string); // [MQTT-3.14.2-3]
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::normal_disconnection, props}));

    session_driver small{lasting()};
    small.accept(with_limit(property_id::maximum_packet_size, 12));
    small.client.disconnect(reason_code::normal_disconnection, props, small.now, small.happened);
    props.remove(property_id::user_property); // [MQTT-3.14.2-4]
    EXPECT_EQ(small.sent(), packets(disconnect{reason_code::normal_disconnection, props}));

    session_driver tiny{lasting()};
    tiny.accept(with_limit(property_id::maximum_packet_size, 8));
    EXPECT_EQ(
        tiny.client.check_disconnect(reason_code::normal_disconnection, props),
        error{errc::packet_too_large});
}

TEST(session_limits, a_disconnect_that_may_not_be_sent_is_left_out) {
    struct row {
        protocol_version version;
        reason_code code;
        properties props;
        errc why;
    };

    properties rising;
    rising.set(property_id::session_expiry_interval, 10u); // CONNECT had none [MQTT-3.14.2-2]
    for (const row& r : {
             row{protocol_version::v4, reason_code::unspecified_error, {}, errc::unsupported_by_version},
             row{protocol_version::v4, reason_code::disconnect_with_will_message,
                 one(property_id::reason_string, "r"), errc::unsupported_by_version},
             row{protocol_version::v5, reason_code::session_taken_over, {}, errc::option_invalid},
             row{protocol_version::v5, reason_code::disconnect_with_will_message, rising,
                 errc::property_invalid},
             row{protocol_version::v5, reason_code::success, one(property_id::reason_string, too_long),
                 errc::property_invalid},
         }) {
        session_driver d{of_version(r.version)};
        d.accept(false);
        EXPECT_EQ(d.client.check_disconnect(r.code, r.props), error{r.why});
        EXPECT_TRUE(d.client.is_connected());
        d.client.disconnect(r.code, r.props, d.now, d.happened);
        EXPECT_EQ(d.sent(), packets()) << "so that the will is published";
        EXPECT_NE(d.last<close_requested>().reason.detail.find("without DISCONNECT"), std::string::npos);
    }
    session_driver d{of_version(protocol_version::v5)};
    d.accept(false);
    const auto why = d.client.check_disconnect(reason_code::success, rising);
    EXPECT_NE(why.detail.find("session_expiry_interval 10"), std::string::npos) << why.detail;
}

// ---- acks

TEST(session_limits, an_ack_by_hand_keeps_to_the_servers_maximum_packet_size) {
    auto o = of_version(protocol_version::v5);
    o.raw_acks = true;
    o.auto_ack = false;
    session_driver d{o};
    d.accept(with_limit(property_id::maximum_packet_size, 10));
    auto large = puback(1);
    large.props.set(property_id::reason_string, "a long story");
    EXPECT_EQ(d.client.send_ack(large, d.now), error{errc::packet_too_large});
    EXPECT_FALSE(d.client.send_ack(puback(1), d.now));
    EXPECT_EQ(d.sent(), packets(puback(1)));
}

TEST(session_limits, strict_utf8_counts_for_acks_disconnect_and_unsubscribe) {
    auto o = lasting();
    o.strict_utf8 = true;
    session_driver d{o};
    d.accept(false);
    d.server(qos1(1));
    const auto control = one(property_id::reason_string, "a\x07");
    EXPECT_EQ(
        d.client.acknowledge(d.token(0), reason_code::success, control, d.now, d.happened),
        error{errc::property_invalid});
    EXPECT_EQ(
        d.client.check_disconnect(reason_code::normal_disconnection, control), error{errc::property_invalid});
    properties pair;
    pair.add_user_property("a\x07", "b");
    EXPECT_EQ(d.client.unsubscribe({"a"}, d.now, pair).error(), error{errc::property_invalid});
    EXPECT_EQ(d.sent(), packets());
}

// ---- what is sent again

TEST(session_limits, what_the_server_takes_no_more_is_not_sent_again) {
    session_driver d{lasting()};
    d.accept(false);
    auto kept = to_publish(qos::at_least_once);
    kept.retain = true;
    ASSERT_TRUE(d.client.publish(to_publish(qos::exactly_once), d.now, d.happened));
    ASSERT_TRUE(d.client.publish(std::move(kept), d.now, d.happened));
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    ASSERT_TRUE(d.client.publish(to_publish(qos::exactly_once, "released"), d.now, d.happened));
    (void)d.sent();
    d.server(pubrec(4));
    EXPECT_EQ(d.sent(), packets(pubrel(4)));
    d.lose();
    auto answer = with_limit(property_id::maximum_qos, 1, true);
    answer.props.set(property_id::retain_available, 0u);
    d.accept(answer);
    EXPECT_EQ(d.sent(), packets(dup(qos1(3)), pubrel(4))); // [MQTT-3.2.2-11, 3.2.2-14]
    const auto done = d.all<publish_done>();
    ASSERT_EQ(done.size(), 2u);
    EXPECT_EQ(done[0].failed, error{errc::qos_not_supported});
    EXPECT_EQ(done[0].packet_id, 1u);
    EXPECT_EQ(done[1].failed, error{errc::retain_not_supported});
    EXPECT_EQ(done[1].packet_id, 2u);
    // The server may hold the first: its id is not used for another message while the session lives.
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    for (const auto& p : d.sent())
        EXPECT_NE(std::get<publish>(p).packet_id, 1u);
}

// ---- properties that have options

TEST(session_limits, a_property_of_connect_is_kept_to) {
    auto o = of_version(protocol_version::v5);
    o.props.set(property_id::receive_maximum, 1u);
    o.props.set(property_id::maximum_packet_size, 40u);
    session_driver d{o};
    const auto c = d.accept(connack{});
    EXPECT_EQ(c.props.number(property_id::receive_maximum), 1u);
    EXPECT_EQ(c.props.number(property_id::maximum_packet_size), 40u);
    d.server({qos1(1), qos1(2)});
    EXPECT_EQ(d.count<message_received>(), 1u);
    d.server(qos0(std::string(50, 'x')));
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::packet_too_large});
}

} // namespace
} // namespace weir::mqtt
