// weir connect, and what pub and sub can say to a broker of the test's own.
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/weir_process.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <string>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::property_id;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::HasSubstr;

std::vector<std::string> at(std::uint16_t port, std::vector<std::string> words) {
    words.insert(words.end(), {"-h", "127.0.0.1", "-p", std::to_string(port)});
    return words;
}

TEST(connect_command, prints_what_the_broker_said) {
    mqtt::connack answer;
    answer.props.set(property_id::assigned_client_identifier, "given").set(property_id::maximum_qos, 1);
    scripted_broker broker({conversation{}.accept(answer), conversation{}.accept(answer)});
    weir_process text(at(broker.port(), {"connect"}));
    EXPECT_EQ(text.wait(), 0) << text.errors();
    EXPECT_THAT(text.output(), HasSubstr("connected to 127.0.0.1"));
    EXPECT_THAT(text.output(), ::testing::ContainsRegex("client_id +given\n"));
    EXPECT_THAT(text.output(), ::testing::ContainsRegex("timings.connack_ms +[0-9]"));
    weir_process object(at(broker.port(), {"connect", "--json"}));
    EXPECT_EQ(object.wait(), 0) << object.errors();
    const auto j = nlohmann::json::parse(object.output());
    EXPECT_EQ(j.at("ok"), true);
    EXPECT_EQ(j.at("maximum_qos"), 1);
    EXPECT_EQ(j.at("properties").at("assigned_client_identifier"), "given");
    EXPECT_GE(j.at("timings").at("connack_ms"), j.at("timings").at("tcp_ms"));
    EXPECT_EQ(broker.finish(), "");
}

TEST(connect_command, a_refusal_ends_it_with_one) {
    mqtt::connack refusal{.code = 0x87};
    refusal.props.set(property_id::reason_string, "not you");
    scripted_broker broker({conversation{}.accept(refusal).expect_eof()});
    weir_process connect(at(broker.port(), {"connect", "--json"}));
    EXPECT_EQ(connect.wait(), 1);
    EXPECT_THAT(connect.errors(), HasSubstr("not_authorized"));
    const auto j = nlohmann::json::parse(connect.output());
    EXPECT_EQ(j.at("reason"), "not_authorized");
    EXPECT_EQ(j.at("properties").at("reason_string"), "not you");
    EXPECT_EQ(j.at("error").at("name"), "connack_refused");
}

TEST(connect_command, nobody_there_ends_it_with_one) {
    weir_process connect(at(free_port(), {"connect"}));
    EXPECT_EQ(connect.wait(), 1);
    EXPECT_THAT(connect.output(), HasSubstr("connect_refused"));
}

TEST(connect_command, silence_ends_it_with_three) {
    scripted_broker broker({conversation{}.expect_a<mqtt::connect>("CONNECT").expect_eof()});
    weir_process connect(at(broker.port(), {"connect", "--timeout", "0.2"}));
    EXPECT_EQ(connect.wait(), 3) << connect.output();
    EXPECT_THAT(connect.errors(), HasSubstr("no answer"));
}

TEST(connect_command, wrong_use_ends_it_with_two) {
    const std::vector<std::vector<std::string>> all{
        {"connect", "-V", "v6"},
        {"connect", "-p", "0"},
        {"connect", "--property", "nothing=1"},
        {"connect", "--property", "topic_alias=1"},
        {"pub", "-t", "a/#", "--payload", "x"},
        {"pub", "-t", "a", "--payload", "x", "--repeat", "0"},
        {"pub", "-t", "a", "--payload", "x", "--timeout", "1e300"},
        {"pub", "-t", "a", "--payload", "x", "--repeat-delay", "-1"},
        {"sub", "-t", "a", "--timeout", "0"},
        {"pub", "-t", "a", "--payload", "x", "--will-property", "content_type=x"},
        {"sub", "-t", "a", "--format", "{nothing}"},
        {"sub", "-t", "a/#/b"}};
    for (const auto& words : all) {
        weir_process process(words);
        EXPECT_EQ(process.wait(), 2) << ::testing::PrintToString(words);
        EXPECT_NE(process.errors(), "");
    }
}

TEST(pub_command, says_all_it_can_in_one_message) {
    scripted_broker broker(
        {conversation{}
             .expect_a<mqtt::connect>(
                 "CONNECT",
                 [](const mqtt::connect& c) {
                     return c.will && c.will->topic == "gone" && c.will->retain &&
                            c.will->props.number(property_id::will_delay_interval) == 5u &&
                            c.will->props.text(property_id::content_type) == "w" && !c.clean_start &&
                            c.props.number(property_id::session_expiry_interval) == 60u &&
                            c.props.user_property("a") == "b" && c.keep_alive == 0;
                 })
             .send(mqtt::connack{})
             .expect_a<mqtt::publish>(
                 "PUBLISH",
                 [](const mqtt::publish& p) {
                     return p.retain && p.props.text(property_id::response_topic) == "answers" &&
                            p.props.text(property_id::correlation_data) == std::string_view("\0\xFF", 2) &&
                            p.props.number(property_id::message_expiry_interval) == 9u &&
                            p.props.user_property("unit") == "C";
                 })
             .send(mqtt::ack{mqtt::ack_type::puback, 1})});
    weir_process pub(
        at(broker.port(), {"pub",
                           "-t",
                           "t",
                           "-q",
                           "1",
                           "--payload",
                           "x",
                           "--retain=true",
                           "--response-topic",
                           "answers",
                           "--property",
                           "correlation_data=hex:00ff",
                           "--property",
                           "message_expiry_interval=9",
                           "--user-property",
                           "unit=C",
                           "--connect-property",
                           "user_property=a=b",
                           "--will-topic",
                           "gone",
                           "--will-retain",
                           "--will-delay",
                           "5",
                           "--will-property",
                           "content_type=w",
                           "--clean-start=false",
                           "--session-expiry",
                           "60",
                           "-k",
                           "0",
                           "-C",
                           "me"}));
    EXPECT_EQ(pub.wait(), 0) << pub.errors();
    EXPECT_EQ(broker.finish(), "");
}

TEST(pub_command, without_a_puback_ends_with_three) {
    scripted_broker broker({conversation{}.accept().expect_a<mqtt::publish>("PUBLISH")});
    weir_process pub(
        at(broker.port(), {"pub", "-C", "me", "-t", "t", "-q", "1", "--payload", "x", "--timeout", "0.2"}));
    EXPECT_EQ(pub.wait(), 3) << pub.errors();
}

TEST(pub_command, waits_for_its_input_and_for_signals) {
    scripted_broker broker({conversation{}.accept()});
    const temp_folder folder;
    child process(
        {"/bin/sh", "-c",
         "mkfifo " + folder.file("fifo") +
             "; exec " WEIR_PROGRAM " pub -C me -h 127.0.0.1 -t t --stdin-line -p " +
             std::to_string(broker.port()) + " <>" + folder.file("fifo")},
        folder.file("log"));
    ASSERT_TRUE(
        eventually([&] { return read_file(folder.file("log")).find("connected") != std::string::npos; }));
    process.signal(SIGTERM);
    EXPECT_TRUE(process.wait(5s).has_value()) << "it hangs in a read";
    EXPECT_EQ(broker.finish(), "") << "and says goodbye";
}

TEST(sub_command, asks_for_all_it_can_and_prints_a_format) {
    mqtt::publish m{.topic = bytes::over_static("a/b"), .payload = bytes::over_static("x\ny")};
    scripted_broker broker({conversation{}
                                .accept()
                                .expect_a<mqtt::subscribe>(
                                    "SUBSCRIBE",
                                    [](const mqtt::subscribe& s) {
                                        const auto& one = s.subscriptions.at(0);
                                        return s.props.number(property_id::subscription_identifier) == 7u &&
                                               s.props.user_property("n") == "v" && one.no_local &&
                                               one.retain_as_published &&
                                               one.retain_handling == mqtt::retain_handling::send_if_new;
                                    })
                                .send(mqtt::suback{1, {mqtt::reason_code::success}})
                                .send(m)});
    weir_process sub(
        at(broker.port(), {"sub", "-C", "me", "-t", "a/+", "--no-local", "--retain-as-publish",
                           "--retain-handling", "1", "--subscription-id", "7", "--user-property", "n=v",
                           "--count", "1", "--format", "{topic} {qos} {{{payload}}}"}));
    EXPECT_EQ(sub.wait(), 0) << sub.errors();
    EXPECT_EQ(sub.output(), "a/b 0 {x\\ny}\n");
    EXPECT_EQ(broker.finish(), "");
}

TEST(sub_command, ends_when_nobody_reads_any_more) {
    mqtt::publish m{.topic = bytes::over_static("t"), .payload = bytes::over_static("one")};
    scripted_broker broker({conversation{}.accept().grant_subscribe().send(m)});
    const temp_folder folder;
    child pipeline(
        {"/bin/sh", "-c",
         WEIR_PROGRAM " sub -C me -h 127.0.0.1 -t t -p " + std::to_string(broker.port()) + " | head -1 >" +
             folder.file("out")},
        folder.file("log"));
    EXPECT_TRUE(pipeline.wait(5s).has_value()) << "no further message comes to find it out";
    EXPECT_EQ(read_file(folder.file("out")), "one\n");
    EXPECT_EQ(broker.finish(), "");
}

} // namespace
} // namespace weir::testing
