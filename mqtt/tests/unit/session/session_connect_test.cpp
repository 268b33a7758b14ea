// CONNECT, CONNACK, and what a session is told about continuity.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

connack refusal(std::uint8_t code) {
    return {false, code, {}};
}

connack granted(
    std::initializer_list<std::pair<property_id, std::uint32_t>> list, bool session_present = false) {
    connack c;
    c.session_present = session_present;
    for (const auto& [id, value] : list)
        c.props.set(id, value);
    return c;
}

TEST(session_connect, connect_says_what_the_options_say) {
    client_options o;
    o.clientid = "me";
    o.username = "user";
    o.password = std::string("p\0w", 3);
    o.keepalive = 30s;
    o.session_expiry = 120;
    o.receive_maximum = 7;
    o.maximum_packet_size = 1'000;
    o.topic_alias_maximum = 3;
    o.request_problem_information = false;
    o.will = will{"gone", "bye", qos::at_least_once, true, {}};
    o.props.add_user_property("k", "v");
    session_driver d{o};
    const auto c = d.open();
    EXPECT_EQ(c.version, protocol_version::v5);
    EXPECT_EQ(c.client_id, "me");
    EXPECT_TRUE(c.clean_start);
    EXPECT_EQ(c.keep_alive, 30);
    EXPECT_EQ(c.username, "user");
    EXPECT_EQ(c.password, o.password);
    EXPECT_EQ(c.will, o.will);
    EXPECT_EQ(c.props.number(property_id::session_expiry_interval), 120u);
    EXPECT_EQ(c.props.number(property_id::receive_maximum), 7u);
    EXPECT_EQ(c.props.number(property_id::maximum_packet_size), 1'000u);
    EXPECT_EQ(c.props.number(property_id::topic_alias_maximum), 3u);
    EXPECT_EQ(c.props.number(property_id::request_problem_information), 0u);
    EXPECT_EQ(c.props.user_property("k"), "v");
}

TEST(session_connect, mqtt_3_has_no_properties) {
    auto o = of_version(protocol_version::v4);
    o.bridge_mode = true;
    session_driver d{o};
    const auto c = d.open();
    EXPECT_EQ(c.version, protocol_version::v4);
    EXPECT_TRUE(c.bridge_mode);
    EXPECT_TRUE(c.props.empty());
    EXPECT_FALSE(c.will);
}

TEST(session_connect, nothing_but_connect_leaves_before_connack) {
    session_driver d{lasting()};
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened));
    ASSERT_TRUE(d.client.subscribe({{"a"}}, {}, d.now));
    d.open(); // expects one packet
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    EXPECT_FALSE(d.client.has_output());
    d.server(connack{});
    EXPECT_EQ(d.sent().size(), 3u);
}

TEST(session_connect, a_random_client_id_is_drawn_once_per_object) {
    client_options o;
    o.proto_ver = protocol_version::v4;
    session_driver d{o};
    const auto id = d.accept().client_id;
    EXPECT_EQ(id.size(), 21u);
    EXPECT_EQ(id.substr(0, 5), "weir-");
    EXPECT_TRUE(std::all_of(
        id.begin() + 5, id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }));
    EXPECT_EQ(d.reconnect(false).client_id, id);
    EXPECT_EQ(d.client.client_id(), id);
    session_driver other{o};
    EXPECT_NE(other.open().client_id, id);
}

TEST(session_connect, an_assigned_client_id_is_kept) {
    session_driver d;
    EXPECT_EQ(d.open().client_id, "");
    connack c;
    c.props.set(property_id::assigned_client_identifier, "given");
    d.server(c);
    EXPECT_EQ(d.last<connected>().client_id, "given");
    EXPECT_EQ(d.reconnect(false).client_id, "given");
}

TEST(session_connect, a_missing_assigned_client_id_is_a_protocol_error) {
    session_driver d;
    d.accept();
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::protocol_error, {}}));
    EXPECT_EQ(d.count<connected>(), 0u);
}

TEST(session_connect, connected_tells_every_limit) {
    session_driver d{lasting()};
    d.accept(granted(
        {{property_id::server_keep_alive, 5},
         {property_id::session_expiry_interval, 60},
         {property_id::receive_maximum, 9},
         {property_id::maximum_packet_size, 500},
         {property_id::topic_alias_maximum, 4},
         {property_id::maximum_qos, 1},
         {property_id::retain_available, 0},
         {property_id::wildcard_subscription_available, 0},
         {property_id::subscription_identifiers_available, 0},
         {property_id::shared_subscription_available, 0}},
        true));
    const auto c = d.last<connected>();
    EXPECT_TRUE(c.session_present);
    EXPECT_EQ(c.connection, 1u);
    EXPECT_EQ(c.keep_alive, 5);
    EXPECT_EQ(c.session_expiry, 60u);
    EXPECT_EQ(c.receive_maximum, 9);
    EXPECT_EQ(c.maximum_packet_size, 500u);
    EXPECT_EQ(c.topic_alias_maximum, 4);
    EXPECT_EQ(c.maximum_qos, qos::at_least_once);
    EXPECT_FALSE(c.retain_available);
    EXPECT_FALSE(c.wildcard_subscription_available);
    EXPECT_FALSE(c.subscription_identifiers_available);
    EXPECT_FALSE(c.shared_subscription_available);
    EXPECT_EQ(c.props.size(), 10u);
}

TEST(session_connect, nothing_of_one_connack_survives_into_the_next) {
    auto o = lasting();
    o.keepalive = 60s;
    session_driver d{o};
    d.accept(granted({{property_id::receive_maximum, 1}, {property_id::server_keep_alive, 1}}));
    d.lose();
    d.accept(connack{true, 0, {}});
    const auto c = d.last<connected>();
    EXPECT_EQ(c.receive_maximum, 65'535);
    EXPECT_EQ(c.keep_alive, 60);
    EXPECT_EQ(c.session_expiry, 3600u);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    EXPECT_EQ(d.sent().size(), 3u);
}

TEST(session_connect, refusals_name_code_and_reason_and_may_be_fatal) {
    for (int code = 0x80; code <= 0x9F; ++code) {
        session_driver d{lasting()};
        auto answer = refusal(static_cast<std::uint8_t>(code));
        answer.props.set(property_id::reason_string, "because");
        // Codes CONNACK does not have are a protocol error, found by the decoder.
        d.accept(answer);
        ASSERT_EQ(d.count<close_requested>(), 1u) << code;
        const auto closed = d.last<close_requested>();
        EXPECT_EQ(d.sent(), packets()) << code;
        if (closed.reason != error{errc::connack_refused}) continue;
        EXPECT_NE(closed.reason.detail.find(std::to_string(code)), std::string::npos);
        EXPECT_NE(closed.reason.detail.find("because"), std::string::npos);
        EXPECT_EQ(closed.said, (closing_packet{packet_type::connack, answer.code, answer.props}));
        static constexpr std::uint8_t fatal[] = {0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8A,
                                                 0x8C, 0x90, 0x95, 0x99, 0x9A, 0x9B};
        EXPECT_EQ(closed.fatal, std::count(std::begin(fatal), std::end(fatal), code) == 1) << code;
    }
}

TEST(session_connect, a_broken_acceptance_is_answered_on_mqtt_5) {
    using namespace std::string_view_literals;

    struct broken {
        std::string_view packet;
        reason_code answer;
    };

    static constexpr broken all[] = {
        {"\x20\x03\x02\x00\x00"sv, reason_code::malformed_packet},           // a reserved flag
        {"\x20\x04\x00\x00\x00\x00"sv, reason_code::malformed_packet},       // longer than it says
        {"\x20\x06\x00\x00\x03\x21\x00\x00"sv, reason_code::protocol_error}, // Receive Maximum 0
    };
    for (const auto& one : all) {
        session_driver d{lasting()};
        (void)d.open();
        d.raw(bytes::over_static(one.packet));
        EXPECT_EQ(d.sent(), packets(disconnect{one.answer, {}}));
        EXPECT_EQ(d.count<close_requested>(), 1u);
        EXPECT_EQ(d.count<connected>(), 0u);
        EXPECT_FALSE(d.client.is_connected());
    }
}

TEST(session_connect, a_broken_refusal_is_not_answered) {
    using namespace std::string_view_literals;
    session_driver d{lasting()};
    (void)d.open();
    d.raw(bytes::over_static("\x20\x03\x01\x87\x00"sv)); // with a session
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.count<close_requested>(), 1u);
}

TEST(session_connect, a_broken_acceptance_of_mqtt_3_is_not_answered) {
    using namespace std::string_view_literals;
    session_driver d{of_version(protocol_version::v4)};
    (void)d.open();
    d.raw(bytes::over_static("\x20\x02\x02\x00"sv));
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.count<close_requested>(), 1u);
}

TEST(session_connect, refusals_of_mqtt_3) {
    for (std::uint8_t code = 1; code <= 5; ++code) {
        session_driver d{of_version(protocol_version::v4)};
        d.accept(refusal(code));
        const auto closed = d.last<close_requested>();
        EXPECT_EQ(closed.reason, error{errc::connack_refused});
        EXPECT_EQ(closed.fatal, code != 3) << int{code};
    }
}

TEST(session_connect, a_server_that_knows_no_v5_is_a_refusal) {
    session_driver d{lasting()};
    d.open();
    using namespace std::string_view_literals;
    d.raw(bytes::over_static("\x20\x02\x00\x01"sv));
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::connack_refused});
    EXPECT_TRUE(d.last<close_requested>().fatal);
}

TEST(session_connect, a_session_after_a_clean_start_is_a_protocol_error) {
    for (const auto version : {protocol_version::v4, protocol_version::v5}) {
        session_driver d{of_version(version)};
        d.accept(true);
        EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
        EXPECT_EQ(d.sent().size(), version == protocol_version::v5 ? 1u : 0u);
    }
}

TEST(session_connect, a_kept_session_is_believed_after_a_restart) {
    for (const auto version : {protocol_version::v4, protocol_version::v5}) {
        session_driver d{lasting(version)};
        EXPECT_FALSE(d.accept(true).clean_start);
        EXPECT_TRUE(d.client.is_connected());
        EXPECT_EQ(d.count<session_lost>(), 0u);
        EXPECT_EQ(d.count<session_ready>(), 1u);
    }
}

TEST(session_connect, clean_start_is_for_the_start_of_the_client) {
    auto o = of_version(protocol_version::v5);
    o.session_expiry = 100;
    session_driver d{o};
    EXPECT_TRUE(d.accept().clean_start);
    EXPECT_FALSE(d.reconnect(true).clean_start);
    EXPECT_TRUE(d.client.is_connected());
}

TEST(session_connect, an_attempt_without_connack_starts_clean_again) {
    auto o = of_version(protocol_version::v5);
    o.session_expiry = 100;
    session_driver d{o};
    d.open();
    d.lose();
    EXPECT_TRUE(d.open().clean_start);
}

TEST(session_connect, without_a_lasting_session_every_start_is_clean) {
    for (const auto version : {protocol_version::v4, protocol_version::v5}) {
        session_driver d{of_version(version)};
        EXPECT_TRUE(d.accept().clean_start);
        EXPECT_TRUE(d.reconnect(false).clean_start);
        EXPECT_EQ(d.count<session_lost>(), 1u);
    }
}

TEST(session_connect, a_server_that_grants_no_expiry_has_no_session_to_take_up) {
    auto o = of_version(protocol_version::v5);
    o.session_expiry = 100;
    session_driver d{o};
    d.accept(granted({{property_id::session_expiry_interval, 0}}));
    EXPECT_TRUE(d.reconnect(false).clean_start);
}

TEST(session_connect, a_first_connection_loses_nothing) {
    session_driver d{lasting()};
    d.accept(false);
    EXPECT_EQ(d.count<session_lost>(), 0u);
    EXPECT_EQ(d.happened.size(), 2u); // connected, session_ready
    EXPECT_TRUE(std::holds_alternative<connected>(d.happened[0]));
    EXPECT_TRUE(std::holds_alternative<session_ready>(d.happened[1]));
}

TEST(session_connect, anything_before_connack_ends_the_connection_without_a_word) {
    for (const packet& early : packets(qos0(), pingresp{}, suback{1, {reason_code::success}, {}}, auth{})) {
        session_driver d{lasting()};
        d.open();
        d.server(early);
        EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
        EXPECT_EQ(d.sent(), packets());
    }
}

TEST(session_connect, a_disconnect_before_connack_is_reported) {
    session_driver d{lasting()};
    d.open();
    d.server(disconnect{reason_code::server_busy, {}});
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::server_disconnect});
    EXPECT_NE(d.last<close_requested>().reason.detail.find("server_busy"), std::string::npos);
}

} // namespace
} // namespace weir::mqtt
