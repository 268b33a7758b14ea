// Enhanced authentication and re-authentication [MQTT 5.0, 4.12].
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr auto method = "MINE";

properties fields(std::string_view data, std::string_view name = method) {
    properties p;
    p.set(property_id::authentication_method, name);
    p.set(property_id::authentication_data, data);
    return p;
}

auth auth_packet(reason_code code, std::string_view data, std::string_view name = method) {
    return {code, fields(data, name)};
}

auth_message said(std::string data) {
    return {.data = std::move(data)};
}

connack success(std::string_view data) {
    return {false, 0, fields(data)};
}

class session_authentication : public testing::Test {
  protected:
    session_driver d{of_version(protocol_version::v5)};

    connect begin(std::string data = "first") {
        return d.open({.auth_method = method, .auth = said(std::move(data))});
    }

    void connect_with_method() {
        begin();
        d.server(success("last"));
        d.client.judge({}, d.now, d.happened);
        ASSERT_TRUE(d.client.is_connected());
        d.forget();
    }

    void expect_protocol_error() {
        EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error})
            << d.last<close_requested>().reason.message();
    }
};

TEST_F(session_authentication, passes_what_is_said_in_both_directions) {
    const auto c = begin();
    EXPECT_EQ(c.props.text(property_id::authentication_method), method);
    EXPECT_EQ(c.props.text(property_id::authentication_data), "first");
    auto challenge = auth_packet(reason_code::continue_authentication, "challenge");
    challenge.props.add_user_property("a", "b");
    d.server(challenge);
    auto expected = said("challenge");
    expected.props.add_user_property("a", "b");
    EXPECT_EQ(d.last<auth_challenge>(), (auth_challenge{auth_challenge::kind::step, expected}));
    EXPECT_FALSE(d.client.has_output());
    d.client.authenticate(said("response"), d.now);
    EXPECT_EQ(d.sent(), packets(auth_packet(reason_code::continue_authentication, "response")));
    d.server(success("proof"));
    EXPECT_EQ(d.last<auth_challenge>(), (auth_challenge{auth_challenge::kind::finish, said("proof")}));
    EXPECT_EQ(d.count<connected>(), 0u) << "nobody has looked at the proof";
    d.client.judge({}, d.now, d.happened);
    EXPECT_EQ(d.count<connected>(), 1u);
}

TEST_F(session_authentication, a_judgement_over_nothing_changes_nothing) {
    d.accept();
    d.client.judge({}, d.now, d.happened);
    const auto accepted = d.client.reauthenticate(said("x"), d.now);
    EXPECT_EQ(accepted.error(), error{errc::auth_not_configured});
    d.client.judge(error{errc::auth_failed}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets());
    EXPECT_TRUE(d.client.is_connected());
}

TEST_F(session_authentication, nothing_but_auth_is_sent_before_connack) {
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    begin();
    d.server(auth_packet(reason_code::continue_authentication, "challenge"));
    d.client.authenticate(said("response"), d.now);
    EXPECT_EQ(d.sent().size(), 1u);
    d.server(success("proof"));
    EXPECT_EQ(d.sent(), packets());
    d.client.judge({}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(qos1(1)));
}

TEST_F(session_authentication, what_follows_connack_waits_for_the_judgement) {
    begin();
    d.server({packet{success("proof")}, packet{qos1(1)}});
    EXPECT_EQ(d.count<message_received>(), 0u);
    EXPECT_FALSE(d.client.wants_read());
    d.client.judge({}, d.now, d.happened);
    EXPECT_EQ(d.count<message_received>(), 1u);
    EXPECT_TRUE(d.client.wants_read());
}

TEST_F(session_authentication, a_server_that_fails_the_judgement_is_left) {
    begin();
    d.server({packet{success("forged")}, packet{qos1(1)}});
    d.client.judge(error{errc::auth_failed, "wrong signature"}, d.now, d.happened);
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::auth_failed});
    EXPECT_EQ(d.count<connected>(), 0u);
    EXPECT_EQ(d.count<message_received>(), 0u);
    EXPECT_EQ(d.sent(), packets());
}

TEST_F(session_authentication, a_step_may_fail) {
    begin();
    d.server(auth_packet(reason_code::continue_authentication, "challenge"));
    d.client.judge(error{errc::auth_failed}, d.now, d.happened);
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::auth_failed});
    EXPECT_EQ(d.sent(), packets());
    d.lose();
    EXPECT_EQ(begin("anew").props.text(property_id::authentication_data), "anew");
}

TEST_F(session_authentication, a_server_that_speaks_out_of_turn_is_left) {
    const auto step = auth_packet(reason_code::continue_authentication, "x");
    const packet wrong[] = {
        auth_packet(reason_code::continue_authentication, "x", "OTHER"),
        auth_packet(reason_code::success, "x"), auth{reason_code::continue_authentication, {}}, connack{},
        connack{false, 0, fields("x", "OTHER")}};
    for (const auto& p : wrong) {
        begin();
        d.server(p);
        expect_protocol_error();
        d.lose();
        d.forget();
    }
    for (const auto& p : {packet{step}, packet{success("x")}}) {
        begin();
        d.server({packet{step}, p}); // the first has not been answered
        expect_protocol_error();
        d.lose();
        d.forget();
    }
}

TEST_F(session_authentication, without_a_method_there_is_no_auth) {
    d.accept();
    EXPECT_EQ(d.client.reauthenticate({}, d.now).error(), error{errc::auth_not_configured});
    d.server(auth_packet(reason_code::continue_authentication, "x"));
    expect_protocol_error();
    d.lose();
    d.forget();
    d.accept(success("x"));
    expect_protocol_error();
}

TEST_F(session_authentication, can_be_repeated_while_traffic_flows) {
    connect_with_method();
    const auto operation = d.client.reauthenticate(said("again"), d.now).value();
    EXPECT_EQ(d.sent(), packets(auth_packet(reason_code::reauthenticate, "again")));
    EXPECT_EQ(d.client.reauthenticate({}, d.now).error(), error{errc::busy});
    d.server({packet{auth_packet(reason_code::continue_authentication, "challenge")}, packet{qos0()}});
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened));
    d.client.authenticate(said("response"), d.now);
    EXPECT_EQ(d.sent(), packets(qos0(), auth_packet(reason_code::continue_authentication, "response")));
    d.server({packet{auth_packet(reason_code::success, "proof")}, packet{qos0()}});
    EXPECT_EQ(d.count<message_received>(), 2u);
    d.client.judge({}, d.now, d.happened);
    EXPECT_EQ(d.all<reauthenticate_done>(), (std::vector<reauthenticate_done>{{operation, {}}}));
    EXPECT_TRUE(d.client.reauthenticate({}, d.now));
}

TEST_F(session_authentication, a_repetition_that_fails_ends_the_connection) {
    connect_with_method();
    EXPECT_TRUE(d.client.reauthenticate(said("again"), d.now));
    d.server(auth_packet(reason_code::success, "forged"));
    (void)d.sent();
    d.client.judge(error{errc::auth_failed}, d.now, d.happened);
    EXPECT_EQ(d.last<reauthenticate_done>().failed, error{errc::auth_failed});
    expect_closed(d, reason_code::unspecified_error);
}

TEST_F(session_authentication, a_repetition_has_an_outcome_whatever_happens) {
    connect_with_method();
    EXPECT_TRUE(d.client.reauthenticate(said("again"), d.now));
    d.wait(30s);
    EXPECT_EQ(d.last<reauthenticate_done>().failed, error{errc::ack_timeout});
    d.server(auth_packet(reason_code::success, "late"));
    d.client.judge({}, d.now, d.happened);
    EXPECT_EQ(d.count<reauthenticate_done>(), 1u);
    EXPECT_TRUE(d.client.reauthenticate(said("again"), d.now));
    d.server(disconnect{reason_code::not_authorized, {}});
    d.lose();
    EXPECT_EQ(d.count<reauthenticate_done>(), 2u);
    EXPECT_EQ(d.last<reauthenticate_done>().failed, error{errc::disconnected});
    EXPECT_EQ(d.client.reauthenticate({}, d.now).error(), error{errc::not_connected});
}

TEST_F(session_authentication, auth_when_none_runs_is_a_protocol_error) {
    connect_with_method();
    d.server(auth_packet(reason_code::success, "x"));
    expect_protocol_error();
}

TEST_F(session_authentication, credentials_and_will_of_one_connect_replace_those_of_the_options) {
    auto o = of_version(protocol_version::v4);
    o.username = "user";
    o.will = will{.topic = "w", .payload = "1"};
    session_driver v4{o};
    EXPECT_EQ(v4.accept().will->payload, "1");
    v4.lose();
    const auto c =
        v4.open({.credentials = credentials{"u2", "token"}, .will = will{.topic = "w", .payload = "2"}});
    EXPECT_EQ(c.username, "u2");
    EXPECT_EQ(c.password, "token");
    EXPECT_EQ(c.will->payload, "2");
    v4.lose();
    EXPECT_FALSE(v4.open({.will = std::optional<will>{}}).will);
}

} // namespace
} // namespace weir::mqtt
