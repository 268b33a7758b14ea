#include "support/mosquitto.hpp"
#include "tool_support/shell_script.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>

#include <string>
#include <utility>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::HasSubstr;

TEST(shell_commands, disconnect_says_why) {
    mqtt::disconnect farewell{mqtt::reason_code::disconnect_with_will_message};
    farewell.props.set(mqtt::property_id::session_expiry_interval, 0)
        .set(mqtt::property_id::reason_string, "bye");
    scripted_broker broker({conversation{}.accept().expect(farewell).expect_eof()});
    const auto run = run_shell(
        to_broker + "\nwait ready\ndisconnect reason_code=0x04 properties.session_expiry_interval=0 "
                    "properties.reason_string=bye\n",
        broker.port());
    EXPECT_EQ(run.outcome("disconnect").at("ok"), true) << run.text();
    EXPECT_EQ(run.find("down").at("error").at("name"), "local_close");
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, reconnect_takes_leave_and_comes_back) {
    scripted_broker broker(
        {conversation{}.accept().expect(mqtt::disconnect{}).expect_eof(), conversation{}.accept()});
    const auto run = run_shell(
        to_broker + "\nwait ready\nreconnect\nwait down will_retry=true\nwait connected connection=2\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, drop_says_nothing) {
    scripted_broker broker({conversation{}.accept().expect_eof(), conversation{}.accept().expect_eof()});
    const auto run = run_shell(
        to_broker + "backoff_min=10ms\nwait ready\ndrop reconnect=true\nwait ready\ndrop\nstatus\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.find("connected", {{"connection", 2}}).at("event"), "connected");
    EXPECT_EQ(run.outcome("status").at("state"), "none");
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, operations_carry_their_properties) {
    mqtt::properties props;
    props.add_user_property("a", "b");
    auto published = message("t", "\x01", mqtt::qos::at_least_once);
    published.props = props;
    published.retain = true;
    scripted_broker broker(
        {conversation{}
             .accept()
             .expect_a<mqtt::subscribe>(
                 "SUBSCRIBE",
                 [&](const mqtt::subscribe& s) {
                     return s.props == props && s.subscriptions.size() == 2 && s.subscriptions[0].no_local &&
                            s.subscriptions[0].qos == mqtt::qos::exactly_once &&
                            s.subscriptions[1].retain_handling == mqtt::retain_handling::do_not_send;
                 })
             .send(mqtt::suback{1, {mqtt::reason_code::granted_qos_1, mqtt::reason_code::not_authorized}})
             .expect_a<mqtt::unsubscribe>("UNSUBSCRIBE", [&](const auto& u) { return u.props == props; })
             .send(mqtt::unsuback{2, {mqtt::reason_code::no_subscription_existed}, props})
             .expect_a<mqtt::publish>(
                 "PUBLISH",
                 [&](const mqtt::publish& p) {
                     return p.props == props && p.retain && p.payload == published.payload;
                 })
             .send(mqtt::ack{mqtt::ack_type::puback, 3, mqtt::reason_code::quota_exceeded, props})});
    const auto run = run_shell(
        to_broker +
            "\nwait ready\nsubscribe filters=[{\"filter\": \"a\", \"qos\": 2, \"no_local\": true}, "
            "{\"filter\": \"b\", \"retain_handling\": 2}] properties.user_property=a=b\n"
            "wait outcome command=subscribe\nunsubscribe a properties.User-Property=a=b\n"
            "wait outcome command=unsubscribe\npublish t hex:01 qos=1 retain=true "
            "properties.user_property=[\"a\", \"b\"]\nwait outcome command=publish error.name=rejected\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    const auto subscribed = run.outcome("subscribe");
    EXPECT_EQ(subscribed.at("ok"), false) << "one filter was refused";
    EXPECT_EQ(subscribed.at("filters").at(0).at("reason"), "granted_qos_1");
    EXPECT_EQ(subscribed.at("filters").at(1).at("reason_code"), 0x87);
    EXPECT_EQ(run.find("granted_lower").at("granted"), 1);
    EXPECT_EQ(run.outcome("unsubscribe").at("filters").at(0).at("reason"), "no_subscription_existed");
    EXPECT_EQ(run.outcome("unsubscribe").at("properties").at("user_property").size(), 1u);
    const auto refused = run.outcome("publish");
    EXPECT_EQ(refused.at("reason_code"), 0x97);
    EXPECT_EQ(refused.at("packet_id"), 3);
    EXPECT_EQ(refused.at("properties").at("user_property").size(), 1u);
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, messages_are_decided_about_by_number) {
    using enum mqtt::ack_type;
    mqtt::ack refusal{puback, 3, mqtt::reason_code::quota_exceeded};
    refusal.props.set(mqtt::property_id::reason_string, "full");
    auto first = message("t", "1", mqtt::qos::at_least_once, 1);
    first.props.set(mqtt::property_id::content_type, "x").set(mqtt::property_id::subscription_identifier, 5);
    scripted_broker broker({conversation{}
                                .accept()
                                .send(first)
                                .send(message("t", "2", mqtt::qos::at_least_once, 2))
                                .send(message("t", "\xFF", mqtt::qos::at_least_once, 3))
                                .send(message("t", "4"))
                                .expect(mqtt::ack{puback, 2})
                                .expect(refusal)});
    const auto run = run_shell(
        to_broker + "\nwait message number=4\ndefer 1\nack 2\nreject 3 reason_code=quota_exceeded "
                    "properties.reason_string=full\nwait outcome command=reject\nack 2\nwait outcome "
                    "command=ack ok=false\n"
                    "ack all\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    const auto m = run.find("message", {{"number", 1}});
    EXPECT_EQ(m.at("payload"), "1");
    EXPECT_EQ(m.at("qos"), 1);
    EXPECT_EQ(m.at("dup"), false);
    EXPECT_EQ(m.at("packet_id"), 1);
    EXPECT_EQ(m.at("connection"), 1);
    EXPECT_EQ(m.at("properties").at("content_type"), "x");
    EXPECT_EQ(m.at("properties").at("subscription_identifier"), json::array({5}));
    EXPECT_EQ(run.find("message", {{"number", 3}}).at("payload_base64"), "/w==");
    EXPECT_EQ(run.outcome("defer").at("numbers"), json::array({1}));
    EXPECT_EQ(run.outcome("reject").at("reason"), "quota_exceeded");
    EXPECT_EQ(
        run.find("outcome", {{"command", "ack"}, {"ok", false}}).at("error").at("name"), "already_acked");
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, raw_acknowledgements_are_the_users_own) {
    using enum mqtt::ack_type;
    scripted_broker broker({conversation{}
                                .accept()
                                .send(message("t", "x", mqtt::qos::exactly_once, 9))
                                .expect(mqtt::ack{pubrec, 9})
                                .send(mqtt::ack{pubrel, 9})
                                .expect(mqtt::ack{pubcomp, 9})
                                .expect(mqtt::ack{puback, 77, mqtt::reason_code::unspecified_error})
                                .expect(mqtt::ack{pubrel, 5})});
    const auto run = run_shell(
        to_broker +
            "auto_ack=never\nwait message\npubrec 9\nwait ack_received type=PUBREL packet_id=9\npubcomp 9\n"
            "puback 77 reason_code=unspecified_error\npubrel 5\nwait outcome command=pubrel\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.find("ack_received").at("reason_code"), 0);
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, a_release_may_wait_for_its_command) {
    using enum mqtt::ack_type;
    scripted_broker broker({conversation{}
                                .accept()
                                .send(message("t", "x", mqtt::qos::exactly_once, 9))
                                .expect(mqtt::ack{pubrec, 9})
                                .send(mqtt::ack{pubrel, 9})
                                .expect_nothing(50ms)
                                .expect(mqtt::ack{pubcomp, 9})});
    const auto run = run_shell(
        to_broker + "confirm_release=true\nwait message\nack 1\nwait release_requested number=1\n"
                    "sleep 100ms\n"
                    "release 1\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, demand_pause_and_resume_bound_what_is_taken) {
    mqtt::testing::accepting_broker broker;
    const auto run = run_shell(
        to_broker +
            "demand=1\nwait ready\nsubscribe t\nwait outcome command=subscribe\npublish t 1\npublish t 2\n"
            "publish t 3\nwait message payload=1\npause\ndemand 1\nwait message timeout=100ms\nresume\n"
            "wait message payload=2\nwait message timeout=100ms\ndrain\nwait message payload=3\nstats\n",
        broker.port());
    EXPECT_EQ(run.code, 3) << "two waits are in vain\n" << run.text();
    for (const auto& [line, came] : {std::pair{11, false}, {13, true}, {14, false}, {16, true}})
        EXPECT_EQ(run.find("outcome", {{"line", line}}).at("ok"), came) << line;
    EXPECT_EQ(run.find("message", {{"number", 3}}).at("payload"), "3");
    EXPECT_EQ(run.outcome("drain").at("ok"), true);
    const auto stats = run.outcome("stats");
    EXPECT_EQ(stats.at("session").at("messages_delivered"), 3);
    EXPECT_EQ(stats.at("session").at("sent_by_type").at("SUBSCRIBE"), 1);
    EXPECT_GT(stats.at("io").at("bytes_read"), 0);
}

TEST(shell_commands, ping_and_subscriptions_tell_what_is) {
    mqtt::testing::accepting_broker broker;
    const auto run = run_shell(
        to_broker +
            "\nwait ready\nsubscribe a qos=1 retain_as_published=true properties.subscription_identifier=4\n"
            "wait outcome command=subscribe\nsubscriptions\nping\nwait outcome command=ping\nstatus\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    const auto s = run.outcome("subscriptions").at("subscriptions").at(0);
    EXPECT_EQ(s.at("filter"), "a");
    EXPECT_EQ(s.at("granted"), 1);
    EXPECT_EQ(s.at("retain_as_published"), true);
    EXPECT_EQ(s.at("subscription_identifier"), 4);
    EXPECT_GT(run.outcome("ping").at("round_trip_ms"), 0);
    EXPECT_EQ(run.outcome("status").at("state"), "connected");
    EXPECT_EQ(run.outcome("status").at("client_id"), "me");
}

TEST(shell_commands, what_waits_can_be_canceled) {
    const auto run = run_shell(
        to_broker +
            "\npublish t x qos=1\ncancel 2\nwait outcome command=publish error.name=aborted\ncancel 2\n",
        free_port());
    EXPECT_EQ(run.code, 2) << run.text();
    EXPECT_THAT(run.error_at(5), HasSubstr("without outcome yet"));
}

TEST(shell_commands, a_deadline_is_kept) {
    const auto run = run_shell(
        to_broker + "\npublish t x qos=1 deadline=20ms\nwait outcome command=publish error.name=expired\n",
        free_port());
    EXPECT_EQ(run.code, 0) << run.text();
}

TEST(shell_commands, a_request_has_its_response) {
    scripted_broker broker(
        {conversation{}.accept().grant_subscribe().run("answer the request", [](auto& client) {
            const auto asked = client.next(clock::now() + 5s);
            const auto& request = std::get<mqtt::publish>(asked->packet);
            auto response = message(*request.props.text(mqtt::property_id::response_topic), "42");
            response.props.set(
                mqtt::property_id::correlation_data,
                *request.props.text(mqtt::property_id::correlation_data));
            client.send(response);
        })});
    const auto run = run_shell(
        to_broker + "response_prefix=answers\nwait ready\nrequest ask what timeout=5s\n"
                    "wait outcome command=request\n",
        broker.port());
    const auto r = run.outcome("request");
    ASSERT_EQ(r.at("ok"), true) << run.text();
    EXPECT_EQ(r.at("response").at("payload"), "42");
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, an_authentication_is_scripted_step_by_step) {
    const auto said = [](mqtt::reason_code code, const char* data) {
        mqtt::auth a{code};
        a.props.set(mqtt::property_id::authentication_method, "X")
            .set(mqtt::property_id::authentication_data, std::string_view(data));
        return a;
    };
    const auto carries = [](const char* data) {
        return [data](const auto& p) {
            return p.props.text(mqtt::property_id::authentication_data) == std::string_view(data);
        };
    };
    mqtt::connack welcome;
    welcome.props.set(mqtt::property_id::authentication_method, "X");
    using enum mqtt::reason_code;
    scripted_broker broker({conversation{}
                                .expect_a<mqtt::connect>("CONNECT", carries("one"))
                                .send(said(continue_authentication, "two"))
                                .expect_a<mqtt::auth>("AUTH", carries("three"))
                                .send(welcome)
                                .expect_a<mqtt::auth>("AUTH", carries("again"))
                                .send(said(success, "fine"))});
    const auto run = run_shell(
        to_broker +
            "manual_auth=X\nwait auth stage=start\nauth one\nwait auth stage=step data=two\nauth three\n"
            "wait ready\nreauthenticate\nwait auth stage=start\nauth again\nwait outcome "
            "command=reauthenticate\n"
            "auth late\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.outcome("reauthenticate").at("ok"), true);
    EXPECT_EQ(run.find("auth", {{"stage", "finish"}, {"data", "fine"}}).at("event"), "auth");
    EXPECT_EQ(run.events.at(run.events.size() - 2).at("event"), "down");
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_commands, an_authentication_may_be_refused) {
    scripted_broker broker({conversation{}.expect_eof()});
    const auto run = run_shell(
        to_broker + "manual_auth=X reconnect=0\nwait auth\nauth fail=enough\nwait attempt_failed "
                    "error.name=auth_failed\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_THAT(run.text(), HasSubstr("enough"));
}

} // namespace
} // namespace weir::testing
