#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/shell_script.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <random>
#include <string>
#include <utility>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string to_broker = "connect 127.0.0.1 port=PORT clientid=me ";

mqtt::publish message(
    std::string_view topic, std::string_view payload, mqtt::qos level = mqtt::qos::at_most_once,
    std::uint16_t id = 0) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level, .packet_id = id};
}

// -- without a broker, and the shell itself

TEST(shell, works_without_a_broker) {
    const auto run = run_shell(
        to_broker + "reconnect=0\nwait gave_up\nstatus\npublish a b\nwait outcome "
                    "command=publish\nconnect\nwait gave_up\ndisconnect\n"
                    "status\npublish a b\n",
        free_port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_THAT(
        run.names(), ElementsAre(
                         "outcome:connect", "attempt_failed", "gave_up", "outcome:wait", "outcome:status",
                         "outcome:publish", "outcome:wait", "outcome:connect", "attempt_failed", "gave_up",
                         "outcome:wait", "outcome:disconnect", "outcome:status", "outcome:publish", "end"));
    EXPECT_EQ(run.find("attempt_failed").at("error").at("name"), "connect_refused");
    EXPECT_EQ(run.find("attempt_failed").at("will_retry"), false);
    EXPECT_EQ(run.outcome("status").at("state"), "gave_up");
    EXPECT_EQ(run.outcome("publish").at("error").at("name"), "not_connected");
    EXPECT_EQ(run.find("end").at("status"), 0);
}

TEST(shell, tells_of_an_attempt_that_is_made_again) {
    const auto run = run_shell(
        to_broker + "backoff_min=10ms backoff_max=10ms\nwait attempt_failed failures=2\n", free_port());
    EXPECT_EQ(run.code, 0) << run.text();
    const auto e = run.find("attempt_failed");
    EXPECT_EQ(e.at("will_retry"), true);
    EXPECT_GT(e.at("retry_in_ms"), 0);
}

TEST(shell, a_bad_line_is_told_with_its_number_and_what_is_allowed) {
    const auto run =
        run_shell("# first\n\nconect\nconnect prt=1\npublish \"a\nsleep 1ms extra\nack 7\n@a/b ping\n");
    EXPECT_EQ(run.code, 2) << run.text();
    EXPECT_THAT(run.error_at(3), HasSubstr("did you mean connect?"));
    EXPECT_THAT(run.error_at(4), HasSubstr("did you mean port?"));
    EXPECT_THAT(run.error_at(5), HasSubstr("column 9"));
    EXPECT_THAT(run.error_at(6), HasSubstr("unexpected word extra"));
    EXPECT_THAT(run.error_at(7), HasSubstr("that of a message"));
    EXPECT_THAT(run.error_at(8), HasSubstr("name of a client"));
    EXPECT_EQ(run.find("end").at("status"), 2);
}

TEST(shell, a_wait_in_vain_ends_with_three) {
    const auto run = run_shell("wait message timeout=50ms\nnonsense\nstatus\n");
    EXPECT_EQ(run.code, 3) << run.text();
    EXPECT_EQ(run.outcome("wait").at("ok"), false);
    EXPECT_GE(run.outcome("wait").at("waited_ms"), 50);
    EXPECT_EQ(run.outcome("status").at("ok"), true) << "it goes on";
}

TEST(shell, strict_ends_at_the_first_fault) {
    EXPECT_EQ(run_shell("wait message timeout=10ms\nstatus\n", 0, {"--strict"}).outcome("status"), nullptr);
    const auto bad = run_shell("status nonsense\nstatus\n", 0, {"--strict"});
    EXPECT_EQ(bad.code, 2) << bad.text();
    EXPECT_EQ(bad.outcome("status"), nullptr);
}

TEST(shell, reads_a_file) {
    const temp_folder folder;
    write_file(folder.file("script"), "sleep 1ms\nquit\nstatus\n");
    const auto run = run_shell("", 0, {folder.file("script")});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.names(), ElementsAre("outcome:sleep", "outcome:quit", "end"));
    EXPECT_EQ(run_shell("", 0, {"/nowhere/at/all"}).code, 2);
}

TEST(shell, help_is_for_people_and_lists_every_command) {
    const auto run = run_shell("help\nhelp connect\nhelp wait\n");
    EXPECT_EQ(run.code, 0);
    for (const auto* name : {"publish", "subscribe", "ack", "defer", "reject", "reauthenticate", "wait"})
        EXPECT_THAT(run.errors, HasSubstr(std::string("\n") + name));
    EXPECT_THAT(run.errors, HasSubstr("ssl_opts.cacertfile"));
}

TEST(shell, a_line_may_be_too_long_or_hold_anything) {
    std::string script = "publish a " + std::string(2u << 20, 'x') + '\n' + std::string("\0\xFF\x01\n", 4);
    const auto run = run_shell(script + "status\n");
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.error_at(1), HasSubstr("longer than"));
    EXPECT_NE(run.find("error", {{"line", 2}}), nullptr);
    EXPECT_EQ(run.outcome("status").at("line"), 3);
}

/// Lines put together at random: each gets its answer, and nothing breaks.
TEST(shell, no_line_is_too_odd) {
    const std::vector<std::string> words{
        "connect",
        "disconnect",
        "drop",
        "subscribe",
        "unsubscribe",
        "publish",
        "ack",
        "reject",
        "defer",
        "release",
        "puback",
        "pubrel",
        "demand",
        "pause",
        "resume",
        "ping",
        "auth",
        "stats",
        "timings",
        "status",
        "clients",
        "cancel",
        "request",
        "drain",
        "a/b",
        "#",
        "1",
        "all",
        "qos=1",
        "qos=7",
        "{\"a\":1}",
        "filters=[{}]",
        "port=1",
        "reconnect=0",
        "properties.x=1",
        "@b",
        "timeout=1ms",
        "hex:0",
        "\"",
        "reason_code=0x80",
        "host=127.0.0.1",
        "properties.user_property=a=b",
        "reconnect=true",
        "subscriptions",
        "reauthenticate",
        "topic="};
    std::minstd_rand draw(7);
    std::string script;
    std::vector<int> expected{0}; // answers, by the number of the line
    for (int n = 0; n < 500; ++n) {
        const auto begin = script.size();
        for (auto left = draw() % 5 + 1; left > 0; --left)
            script += words[draw() % words.size()] + ' ';
        expected.push_back(script[begin] == '#' ? 0 : 1);
        script += '\n';
    }
    const auto run = run_shell(script);
    EXPECT_EQ(run.code, 2) << run.errors;
    EXPECT_EQ(run.names().back(), "end");
    std::vector<int> answers(expected.size());
    for (const auto& e : run.events)
        if (e.contains("line")) ++answers.at(e.at("line").get<std::size_t>());
    for (std::size_t line = 1; line < answers.size(); ++line)
        EXPECT_EQ(answers[line], expected[line]) << "line " << line;
}

TEST(shell, a_signal_ends_it) {
    weir_process process({"shell"}, "status\nwait message timeout=1h\n");
    ASSERT_TRUE(eventually([&] { return process.output().find("status") != std::string::npos; }));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(5s), 0) << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("\"end\""));
}

TEST(shell, a_closed_output_ends_it) {
    // Nothing is written any more when `head` has gone: the pipe itself tells.
    const temp_folder folder;
    child pipeline(
        {"/bin/sh", "-c",
         "(echo status; sleep 5) | { " WEIR_PROGRAM " shell; echo $? >" + folder.file("code") +
             "; } | head -1 >" + folder.file("out")},
        folder.file("log"));
    EXPECT_TRUE(eventually([&] { return read_file(folder.file("code")) == "1\n"; }, 10s));
    EXPECT_THAT(read_file(folder.file("out")), HasSubstr("status"));
}

TEST(shell, clients_have_names) {
    mqtt::testing::accepting_broker broker;
    const auto run = run_shell(
        "@a connect 127.0.0.1 port=PORT clientid=a\n@b connect 127.0.0.1 port=PORT clientid=b\n@a wait "
        "ready\n"
        "@b wait ready\n@a subscribe t qos=1\n@a wait outcome command=subscribe\n@b publish t hello qos=1\n"
        "@a wait message payload=hello\nclients\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.find("message").at("client"), "a");
    EXPECT_EQ(run.find("outcome", {{"command", "publish"}}).at("client"), "b");
    EXPECT_EQ(run.outcome("clients").at("clients").size(), 3u);
}

// -- what a broker of the test's own says

TEST(shell_events, a_refusal_has_its_code_and_properties) {
    mqtt::connack refusal{.code = 0x87};
    refusal.props.set(mqtt::property_id::reason_string, "not you");
    scripted_broker broker({conversation{}.accept(refusal).expect_eof()});
    const auto run = run_shell(to_broker + "\nwait gave_up\n", broker.port());
    const auto e = run.find("attempt_failed");
    EXPECT_EQ(e.at("reason_code"), 0x87) << run.text();
    EXPECT_EQ(e.at("reason"), "not_authorized");
    EXPECT_EQ(e.at("said"), "CONNACK");
    EXPECT_EQ(e.at("properties").at("reason_string"), "not you");
    EXPECT_EQ(e.at("error").at("name"), "connack_refused");
    EXPECT_EQ(run.code, 0);
}

TEST(shell_events, an_old_refusal_has_its_own_names) {
    scripted_broker broker({conversation{}.accept({.code = 4}).expect_eof()});
    const auto run = run_shell(to_broker + "proto_ver=v4\nwait gave_up\n", broker.port());
    EXPECT_EQ(run.find("attempt_failed").at("reason"), "bad_user_name_or_password") << run.text();
}

TEST(shell_events, connected_has_everything_the_broker_said) {
    mqtt::connack answer;
    answer.props.set(mqtt::property_id::assigned_client_identifier, "given")
        .set(mqtt::property_id::server_keep_alive, 7)
        .set(mqtt::property_id::receive_maximum, 3)
        .set(mqtt::property_id::maximum_qos, 1)
        .set(mqtt::property_id::retain_available, 0)
        .add_user_property("n", "v");
    scripted_broker broker({conversation{}.accept(answer)});
    const auto run = run_shell("connect 127.0.0.1 port=PORT\nwait ready\ntimings\n", broker.port());
    const auto e = run.find("connected");
    EXPECT_EQ(e.at("client_id"), "given") << run.text();
    EXPECT_EQ(e.at("proto_ver"), "v5");
    EXPECT_EQ(e.at("keep_alive"), 7);
    EXPECT_EQ(e.at("receive_maximum"), 3);
    EXPECT_EQ(e.at("maximum_qos"), 1);
    EXPECT_EQ(e.at("retain_available"), false);
    EXPECT_EQ(e.at("session_present"), false);
    EXPECT_EQ(e.at("properties").at("user_property"), json::parse(R"([["n", "v"]])"));
    EXPECT_TRUE(run.outcome("timings").at("timings").contains("connack_ms"));
    EXPECT_EQ(broker.finish(), "");
}

TEST(shell_events, the_end_of_a_connection_has_its_reason) {
    mqtt::disconnect busy{mqtt::reason_code::server_busy};
    busy.props.set(mqtt::property_id::reason_string, "later");
    scripted_broker broker({conversation{}.accept().send(busy).close()});
    const auto run = run_shell(to_broker + "reconnect=0\nwait down\n", broker.port());
    const auto e = run.find("down");
    EXPECT_EQ(e.at("reason_code"), 0x89) << run.text();
    EXPECT_EQ(e.at("said"), "DISCONNECT");
    EXPECT_EQ(e.at("properties").at("reason_string"), "later");
    EXPECT_TRUE(e.contains("uptime_ms"));
}

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

// -- what a client tells of its session

TEST(shell_events, a_session_that_is_lost_is_told_and_subscribed_anew) {
    mqtt::testing::accepting_broker broker;
    weir_process process(
        {"shell"},
        with_port(
            "connect 127.0.0.1 port=PORT clientid=me clean_start=false session_expiry=60 backoff_min=10ms\n"
            "wait ready\nsubscribe t qos=1\nwait outcome command=subscribe\npublish t x qos=1\nwait message\n"
            "wait session_lost timeout=20s\nwait resubscribed timeout=20s\n",
            broker.port()));
    ASSERT_TRUE(eventually([&] { return process.output().find("\"message\"") != std::string::npos; }));
    broker.forget_sessions();
    broker.drop_connections();
    EXPECT_EQ(process.wait(), 0) << process.output();
    EXPECT_THAT(process.output(), HasSubstr("\"unacknowledged\":1"));
    EXPECT_THAT(process.output(), HasSubstr("\"resubscribed\""));
}

TEST(shell_events, what_is_dropped_or_lowered_is_told) {
    mqtt::connack answer;
    answer.props.set(mqtt::property_id::session_expiry_interval, 5);
    scripted_broker broker({conversation{}
                                .accept(answer)
                                .send(mqtt::ack{mqtt::ack_type::puback, 99})
                                .send(message("big", std::string(200, 'x')))
                                .expect_a<mqtt::publish>("PUBLISH")
                                .wait_until("a while", [n = 0]() mutable { return ++n > 100; })});
    const auto run = run_shell(
        to_broker + "session_expiry=60 maximum_packet_size=100 oversize=discard retry_interval=50ms\n"
                    "wait discarded topic=big\nwait dropped what=unexpected_ack\npublish t x qos=1\nwait "
                    "ack_overdue\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.find("session_expiry_lowered").at("granted"), 5);
}

TEST(shell_events, a_fallback_is_told) {
    scripted_broker broker({conversation{}.accept({.code = 0x84}).expect_eof(), conversation{}.accept()});
    const auto run = run_shell(
        to_broker + "proto_fallback=[\"v4\"] backoff_min=10ms\nwait version_fallback to=v4\nwait connected "
                    "proto_ver=v4\n",
        broker.port());
    EXPECT_EQ(run.code, 0) << run.text();
}

// -- a real broker

class shell_session : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { WEIR_NEEDS_MOSQUITTO(); }
};

TEST_P(shell_session, carries_messages_at_every_qos) {
    const mosquitto broker;
    const auto run = run_shell(
        to_broker + "proto_ver=" + GetParam() +
            "\nwait connected\nsubscribe a/# qos=2\nwait outcome command=subscribe ok=true\n"
            "publish a/0 zero\nwait message payload=zero qos=0\npublish a/1 {\"one\": 1} qos=1\n"
            "wait message topic=a/1\nack 2\nwait outcome command=ack ok=true\npublish a/2 hex:00ff qos=2\n"
            "wait message topic=a/2 qos=2 payload_base64=AP8=\nack all\nwait outcome command=ack ok=true\n"
            "unsubscribe a/#\nwait outcome command=unsubscribe ok=true\nping\nwait outcome command=ping "
            "ok=true\n"
            "disconnect\n",
        broker.port(), {"--strict"});
    EXPECT_EQ(run.code, 0) << run.text();
    EXPECT_EQ(run.find("message", {{"number", 2}}).at("payload"), "{\"one\": 1}");
    EXPECT_EQ(run.find("outcome", {{"command", "publish"}, {"line", 11}}).at("ok"), true);
}

INSTANTIATE_TEST_SUITE_P(versions, shell_session, ::testing::Values("v3", "v4", "v5"));

TEST(shell_resumption, what_is_not_acknowledged_comes_again) {
    WEIR_NEEDS_MOSQUITTO();
    const mosquitto broker;
    const auto run = run_shell(
        to_broker +
            "clean_start=false session_expiry=60\nwait ready\nsubscribe t qos=1\n"
            "wait outcome command=subscribe\npublish t kept qos=1\nwait message number=1\ndrop\n" +
            to_broker +
            "clean_start=false session_expiry=60\nwait connected session_present=true\n"
            "wait message number=2 payload=kept dup=true\nack 2\nwait outcome command=ack ok=true\n",
        broker.port(), {"--strict"});
    EXPECT_EQ(run.code, 0) << run.text();
}

// -- the guide

/// The block of that language in a document.
std::string block_of(const std::string& text, const std::string& language) {
    const auto opening = "\n```" + language + "\n";
    const auto begin = text.find(opening) + opening.size();
    return text.substr(begin, text.find("\n```", begin) + 1 - begin);
}

TEST(shell_guide, its_session_runs) {
    WEIR_NEEDS_MOSQUITTO();
    const mosquitto broker;
    auto script = block_of(read_file(WEIR_SHELL_GUIDE), "weir");
    for (auto at = script.find("1883"); at != std::string::npos; at = script.find("1883"))
        script.replace(at, 4, "PORT");
    ASSERT_THAT(script, HasSubstr("wait"));
    const auto run = run_shell(script, broker.port(), {"--strict"});
    EXPECT_EQ(run.code, 0) << run.text();
}

TEST(shell_guide, names_every_command) {
    const auto guide = read_file(WEIR_SHELL_GUIDE);
    std::istringstream help(run_shell("help\n").errors);
    std::size_t commands = 0;
    for (std::string line; std::getline(help, line) && !line.starts_with("Values");) {
        if (line.empty() || line.front() == ' ') continue;
        EXPECT_THAT(guide, HasSubstr('`' + line.substr(0, line.find(' ')))) << line;
        ++commands;
    }
    EXPECT_GT(commands, 25u);
}

} // namespace
} // namespace weir::testing
