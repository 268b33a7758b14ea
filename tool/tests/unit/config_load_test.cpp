#include "support/temp_folder.hpp"
#include "tool_support/fleet_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir::tool {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(load, reads_every_part) {
    const auto l = load_text(fleet, "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    const auto& o = l.config.pipeline;
    EXPECT_EQ(o.name, "fleet");
    ASSERT_EQ(o.producer.topics.size(), 1u);
    EXPECT_EQ(o.producer.topics[0].filter, "/hfp/#");
    EXPECT_EQ(o.producer.topics[0].qos, mqtt::qos::at_least_once);
    EXPECT_EQ(o.producer.max_inflight, 1'000);
    EXPECT_EQ(o.producer.config.host, "127.0.0.1");
    EXPECT_EQ(o.producer.config.clientid, "fleet");
    EXPECT_EQ(o.processors.concurrency, 4u);
    ASSERT_EQ(o.batchers.size(), 1u);
    EXPECT_EQ(o.batchers[0].batch_size, 500u);
    EXPECT_EQ(o.batchers[0].batch_timeout, 200ms);
    EXPECT_EQ(std::get<sinks::sqlite_options>(*l.config.sink).path, "fleet.db");
}

TEST(load, syntax_errors_have_a_place) {
    EXPECT_THAT(faults_of("name = \"x\"\nport == 5\n"), HasSubstr("f.toml:2:"));
}

TEST(load, a_file_that_cannot_be_read_is_named) {
    const auto l = load_file("/nonexistent/x.toml");
    EXPECT_THAT(describe("/nonexistent/x.toml", l.faults), HasSubstr("/nonexistent/x.toml: cannot be read"));
}

TEST(load, unknown_keys_name_the_nearest_and_all_that_are_known) {
    const auto text = faults_of(with("[processors]", "concurency = 3"));
    EXPECT_THAT(
        text, HasSubstr("f.toml:13:1: processors.concurency: unknown key, did you mean concurrency?"));
    EXPECT_THAT(text, HasSubstr("keys here: name, concurrency, max_demand, min_demand"));
}

TEST(load, unknown_tables_are_found_too) {
    EXPECT_THAT(faults_of(with("", "[procesors]\nconcurrency = 2")), HasSubstr("did you mean processors?"));
}

TEST(load, a_key_of_another_sink_is_unknown) {
    EXPECT_THAT(faults_of(with("[sink]", "fsync = true")), HasSubstr("sink.fsync: unknown key"));
}

TEST(load, every_fault_is_reported_in_the_order_of_the_file) {
    const auto l = load_text(
        "name = 5\n[producer]\ntopics = [{ filter = \"a\", qos = 3 }]\nmax_inflight = 0\n"
        "[producer.config]\nclientid = \"c\"\nkeepalive = 70000\n[sink]\ntype = \"sqlit\"\n",
        "f.toml");
    const auto text = describe("f.toml", l.faults);
    EXPECT_THAT(text, HasSubstr("f.toml:1:8: name = 5: allowed: a string\n"));
    EXPECT_THAT(
        text, HasSubstr("f.toml:3:33: producer.topics[0].qos = 3: allowed: 0..2 or \"at_most_once\""));
    EXPECT_THAT(text, HasSubstr("f.toml:4:16: producer.max_inflight = 0: allowed: an integer, 1..65535\n"));
    EXPECT_THAT(
        text, HasSubstr("f.toml:7:13: producer.config.keepalive = 70000: allowed: seconds, 0..65535"));
    EXPECT_THAT(
        text, HasSubstr("f.toml:9:8: sink.type = 'sqlit': allowed: \"sqlite\", \"jsonl\" or \"discard\"\n"));
    EXPECT_LT(text.find(":4:16"), text.find(":7:13"));
}

TEST(load, a_fault_found_by_the_checks_stands_at_its_key) {
    EXPECT_THAT(faults_of(with_config("clean_start = 1")), HasSubstr("true or false"));
    EXPECT_THAT(faults_of(replaced("clientid = \"fleet\"", "")), HasSubstr("producer.config.clientid"));
    EXPECT_THAT(
        faults_of(replaced("host = \"127.0.0.1\"", "host = \"\"")),
        HasSubstr("f.toml:8:8: producer.config.host"));
}

TEST(load, a_missing_sink_is_a_fault) {
    EXPECT_THAT(
        faults_of(replaced("[sink]\ntype = \"sqlite\"\npath = \"fleet.db\"\n", "")),
        HasSubstr("sink.type: allowed: \"sqlite\", \"jsonl\" or \"discard\"; it is missing"));
    EXPECT_THAT(
        faults_of(replaced("type = \"sqlite\"\n", "")),
        HasSubstr("sink.type: allowed: \"sqlite\", \"jsonl\" or \"discard\"; it is missing"));
}

TEST(load, windows_in_config_are_refused_with_both_places) {
    for (const auto* key : {"receive_maximum = 5", "receive_window = 5", "max_inflight = 5"}) {
        const auto text = faults_of(with_config(key));
        EXPECT_THAT(text, HasSubstr("producer.config." + std::string(key, std::string(key).find(' '))));
        EXPECT_THAT(text, HasSubstr("producer.max_inflight"));
    }
    EXPECT_THAT(faults_of(with_config("auto_ack = true")), HasSubstr("producer.on_success"));
}

TEST(load, properties_with_an_option_of_their_own_are_refused) {
    EXPECT_THAT(
        faults_of(with_config("properties = { receive_maximum = 7 }")),
        HasSubstr("producer.config.properties.receive_maximum = 7: not allowed here: producer.max_inflight"));
}

TEST(load, keepalive_and_session_expiry_take_seconds_and_durations) {
    const auto l = load_text(with_config("keepalive = 30\nsession_expiry = \"2h\""), "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_EQ(l.config.pipeline.producer.config.keepalive, 30s);
    EXPECT_EQ(l.config.pipeline.producer.config.session_expiry, 7'200u);
    EXPECT_EQ(
        load_text(with_config("session_expiry = \"never\""), "f")
            .config.pipeline.producer.config.session_expiry,
        0xFFFF'FFFFu);
}

TEST(load, a_will_comes_from_keys_of_its_own) {
    const auto l = load_text(
        with_config(
            "will_topic = \"gone\"\nwill_payload = \"bye\"\nwill_qos = 2\nwill_retain = true\n"
            "will_props = { will_delay_interval = 5, user_property = [[\"a\", \"1\"], [\"a\", \"2\"]] }"),
        "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    const auto& will = *l.config.pipeline.producer.config.will;
    EXPECT_EQ(will.topic, "gone");
    EXPECT_EQ(will.payload, "bye");
    EXPECT_EQ(will.qos, mqtt::qos::exactly_once);
    EXPECT_TRUE(will.retain);
    EXPECT_EQ(will.props.number(mqtt::property_id::will_delay_interval), 5u);
    EXPECT_EQ(will.props.size(), 3u);
}

TEST(load, a_password_may_stand_in_a_file) {
    const testing::temp_folder folder;
    const auto file = folder.file("secret");
    testing::write_file(file, "s3cret\n");
    const auto l = load_text(with_config("username = \"u\"\npassword_file = \"" + file + "\""), "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_EQ(l.config.pipeline.producer.config.password, "s3cret");
    EXPECT_THAT(print(l.config, true), Not(HasSubstr("s3cret")));
    EXPECT_THAT(print(l.config), HasSubstr("password_file = "));
    EXPECT_THAT(
        faults_of(with_config("password = \"p\"\npassword_file = \"" + file + "\"")),
        HasSubstr("one of password and password_file"));
}

TEST(load, the_password_of_a_key_may_stand_in_a_file) {
    const testing::temp_folder folder;
    const auto file = folder.file("secret");
    testing::write_file(file, "s3cret\n");
    const auto line = "ssl = true\nssl_opts.key_password_file = \"" + file + "\"";
    const auto l = load_text(with_config(line), "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_EQ(l.config.pipeline.producer.config.ssl_opts.key_password, "s3cret");
    EXPECT_THAT(print(l.config, true), Not(HasSubstr("s3cret")));
    EXPECT_THAT(print(l.config), HasSubstr("key_password_file = "));
    EXPECT_THAT(
        faults_of(with_config(line + "\nssl_opts.key_password = \"p\"")),
        HasSubstr("one of key_password and key_password_file"));
}

} // namespace
} // namespace weir::tool
