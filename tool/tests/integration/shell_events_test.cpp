#include "support/eventually.hpp"
#include "support/temp_folder.hpp"
#include "tool_support/shell_script.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>

#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::HasSubstr;

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

TEST(shell_events, a_session_store_is_told_of) {
    const temp_folder folder;
    mqtt::testing::accepting_broker broker;
    const auto run = run_shell(
        "connect 127.0.0.1 port=PORT clientid=me clean_start=false session_expiry=60 "
        "qos2_receive=store_first store.path=" +
            folder.file("store") +
            "\nwait ready\nsubscribe t qos=2\nwait outcome command=subscribe\npublish t x qos=2\n"
            "wait publish_stored\nwait message\nack 1\nwait stored_done\n",
        broker.port());
    EXPECT_FALSE(run.find("store_opened").at("uuid").get<std::string>().empty()) << run.text();
    EXPECT_EQ(run.find("publish_stored").at("line"), 5);
    const auto number = run.find("message").at("stored");
    EXPECT_EQ(run.find("stored_done").at("numbers"), json::array({number})) << run.text();
}

TEST(shell_events, a_disconnect_that_may_not_be_sent_is_refused) {
    mqtt::testing::accepting_broker broker;
    const auto run = run_shell(
        to_broker + "\nwait ready\ndisconnect properties.session_expiry_interval=5\ndisconnect\n",
        broker.port());
    EXPECT_EQ(run.outcome("disconnect").at("error").at("name"), "property_invalid") << run.text();
    EXPECT_EQ(run.find("down").at("error").at("name"), "local_close");
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
    // What is dropped is counted and told at the end of a turn: were both packets sent at once, the order of
    // their events would depend on how the connection cuts them.
    scripted_broker broker({conversation{}
                                .accept(answer)
                                .send(mqtt::ack{mqtt::ack_type::puback, 99})
                                .expect_a<mqtt::publish>("PUBLISH")
                                .send(message("big", std::string(200, 'x')))
                                .expect_a<mqtt::publish>("PUBLISH")});
    const auto run = run_shell(
        to_broker + "session_expiry=60 maximum_packet_size=100 oversize=discard retry_interval=50ms\n"
                    "wait dropped what=unexpected_ack\npublish t next\nwait discarded topic=big\n"
                    "publish t x qos=1\nwait ack_overdue\n",
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

} // namespace
} // namespace weir::testing
