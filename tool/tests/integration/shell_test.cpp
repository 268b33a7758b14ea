#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/shell_script.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <random>
#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
