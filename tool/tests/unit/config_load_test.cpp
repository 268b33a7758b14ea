#include "config/load.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <string>

namespace weir::tool {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string fleet = R"(
name = "fleet"
[producer]
topics = [{ filter = "/hfp/#", qos = 1 }]
max_inflight = 1000
concurrency = 1
[producer.config]
host = "127.0.0.1"
port = 1883
clientid = "fleet"
proto_ver = "v5"
[processors]
concurrency = 4
[[batchers]]
name = "default"
batch_size = 500
batch_timeout = "200ms"
[sink]
type = "sqlite"
path = "fleet.db"
)";

std::string faults_of(const std::string& text) {
    return describe("f.toml", load_text(text, "f.toml").faults);
}

/// The fleet's file with one line put in behind a table's header, or before everything for "".
std::string with(const std::string& header, const std::string& line) {
    auto text = fleet;
    const auto at = header.empty() ? 0 : text.find(header) + header.size();
    return text.insert(at, "\n" + line + "\n");
}

std::string with_config(const std::string& line) {
    return with("[producer.config]", line);
}

/// The fleet's file with a part of it replaced.
std::string replaced(const std::string& what, const std::string& by) {
    auto text = fleet;
    return text.replace(text.find(what), what.size(), by);
}

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

TEST(load, a_second_batcher_would_get_nothing) {
    EXPECT_THAT(
        faults_of(replaced("[sink]", "[[batchers]]\nname = \"alarms\"\n[sink]")),
        HasSubstr("batchers[1].name = \"alarms\": allowed: one batcher"));
}

struct bad_value {
    const char* table;
    const char* line;
    const char* path;
};

void PrintTo(const bad_value& v, std::ostream* out) { // NOLINT: the name that GoogleTest looks for
    *out << v.table << ' ' << v.line;
}

class one_bad_value : public ::testing::TestWithParam<bad_value> {};

TEST_P(one_bad_value, is_refused_with_path_and_value) {
    const auto& p = GetParam();
    auto text = fleet;
    const auto key = std::string(p.line).substr(0, std::string(p.line).find(' '));
    // A key that the file has already would be a syntax error when given twice.
    const auto given = "\n" + key + " =";
    for (auto at = text.find(given); at != std::string::npos; at = text.find(given))
        text.erase(at, text.find('\n', at + 1) - at);
    const std::string header = p.table;
    text.insert(header.empty() ? 0 : text.find(header) + header.size(), "\n" + std::string(p.line) + "\n");
    EXPECT_THAT(faults_of(text), HasSubstr(p.path));
}

constexpr bad_value bad_values[] = {
    {"", "name = true", "name = true: allowed: a string"},
    {"", "shutdown = 30", "shutdown = 30: allowed: a duration with its unit"},
    {"", "buffer_size = 0", "buffer_size = 0: allowed: an integer, at least 1"},
    {"[producer]", "topics = \"a/#\"", "producer.topics = 'a/#': allowed: an array of tables"},
    {"[producer]", "max_inflight = 65536", "producer.max_inflight = 65536: allowed: an integer, 1..65535"},
    {"[producer]", "concurrency = \"two\"", "producer.concurrency = 'two': allowed: an integer"},
    {"[producer]", "shared_group = 3", "producer.shared_group = 3: allowed: a string"},
    {"[producer]", "on_success = \"yes\"", "producer.on_success = 'yes': allowed: \"ack\", \"noop\""},
    {"[producer]", "on_failure = \"reject\"", "producer.on_failure = 'reject': allowed: \"noop\", \"ack\""},
    {"[producer]", "append_index = 0", "producer.append_index = 0: allowed: true or false"},
    {"[producer]", "drain_timeout = 5", "producer.drain_timeout = 5: allowed: a duration"},
    {"[producer]", "redelivery = { min = 1 }", "producer.redelivery.min = 1: allowed: a duration"},
    {"[producer]", "redelivery = { max = \"1\" }", "producer.redelivery.max = '1': allowed: a duration"},
    {"[producer]", "redelivery = { skip_after = -1 }",
     "producer.redelivery.skip_after = -1: allowed: a duration"},
    {"[producer.config]", "host = 1", "producer.config.host = 1: allowed: a string"},
    {"[producer.config]", "port = 65536", "producer.config.port = 65536: allowed: an integer, 0..65535"},
    {"[producer.config]", "clientid = 1", "producer.config.clientid = 1: allowed: a string"},
    {"[producer.config]", "username = 1", "producer.config.username = 1: allowed: a string"},
    {"[producer.config]", "password = 42", "producer.config.password = ********: allowed: a string"},
    {"[producer.config]", "password_file = \"/none\"",
     "producer.config.password_file = \"/none\": allowed: a file"},
    {"[producer.config]", "proto_ver = \"v6\"", "producer.config.proto_ver = 'v6': allowed: \"v5\""},
    {"[producer.config]", "clean_start = \"no\"",
     "producer.config.clean_start = 'no': allowed: true or false"},
    {"[producer.config]", "session_expiry = -1", "producer.config.session_expiry = -1: allowed: seconds"},
    {"[producer.config]", "keepalive = 65536",
     "producer.config.keepalive = 65536: allowed: seconds, 0..65535"},
    {"[producer.config]", "ping_timeout = 3", "producer.config.ping_timeout = 3: allowed: a duration"},
    {"[producer.config]", "force_ping = 1", "producer.config.force_ping = 1: allowed: true or false"},
    {"[producer.config]", "bridge_mode = 1", "producer.config.bridge_mode = 1: allowed: true or false"},
    {"[producer.config]", "will_topic = 1", "producer.config.will_topic = 1: allowed: a string"},
    {"[producer.config]", "will_payload = 1", "producer.config.will_payload = 1: allowed: a string"},
    {"[producer.config]", "will_qos = 4", "producer.config.will_qos = 4: allowed: 0..2"},
    {"[producer.config]", "will_retain = 1", "producer.config.will_retain = 1: allowed: true or false"},
    {"[producer.config]", "will_props = { will_delay_interval = -1 }", "will_props.will_delay_interval = -1"},
    {"[producer.config]", "will_props = { user_property = [[\"a\"]] }", "will_props.user_property = "},
    {"[producer.config]", "properties = { request_response_information = 2 }",
     "request_response_information = 2"},
    {"[producer.config]", "connect_timeout = 1", "producer.config.connect_timeout = 1: allowed: a duration"},
    {"[producer.config]", "ack_timeout = 1", "producer.config.ack_timeout = 1: allowed: a duration"},
    {"[producer.config]", "close_timeout = 1", "producer.config.close_timeout = 1: allowed: a duration"},
    {"[producer.config]", "write_timeout = 1", "producer.config.write_timeout = 1: allowed: a duration"},
    {"[producer.config]", "send_queue_messages = 0",
     "producer.config.send_queue_messages = 0: allowed: an integer"},
    {"[producer.config]", "send_queue_bytes = 0",
     "producer.config.send_queue_bytes = 0: allowed: an integer"},
    {"[producer.config]", "send_queue_policy = \"x\"",
     "producer.config.send_queue_policy = 'x': allowed: \"error\""},
    {"[producer.config]", "receive_bytes = 0", "producer.config.receive_bytes = 0: allowed: an integer"},
    {"[producer.config]", "read_ahead_bytes = 0",
     "producer.config.read_ahead_bytes = 0: allowed: an integer"},
    {"[producer.config]", "qos0_buffer_messages = 0",
     "producer.config.qos0_buffer_messages = 0: allowed: an integer"},
    {"[producer.config]", "qos0_buffer_bytes = 0",
     "producer.config.qos0_buffer_bytes = 0: allowed: an integer"},
    {"[producer.config]", "qos0_buffer_policy = \"x\"", "producer.config.qos0_buffer_policy = 'x'"},
    {"[producer.config]", "maximum_packet_size = 0",
     "producer.config.maximum_packet_size = 0: allowed: an integer"},
    {"[producer.config]", "topic_alias_maximum = -1",
     "producer.config.topic_alias_maximum = -1: allowed: an integer"},
    {"[producer.config]", "request_problem_information = 1",
     "request_problem_information = 1: allowed: true or false"},
    {"[producer.config]", "validate_payload_format = 1",
     "validate_payload_format = 1: allowed: true or false"},
    {"[producer.config]", "strict_receive_maximum = 1", "strict_receive_maximum = 1: allowed: true or false"},
    {"[producer.config]", "strict_resend = 1", "producer.config.strict_resend = 1: allowed: true or false"},
    {"[producer.config]", "reconnect = \"forever\"",
     "producer.config.reconnect = 'forever': allowed: \"infinity\""},
    {"[producer.config]", "backoff_min = 1", "producer.config.backoff_min = 1: allowed: a duration"},
    {"[producer.config]", "backoff_max = 1", "producer.config.backoff_max = 1: allowed: a duration"},
    {"[producer.config]", "stable_after = 1", "producer.config.stable_after = 1: allowed: a duration"},
    {"[producer.config]", "retry_fatal = 1", "producer.config.retry_fatal = 1: allowed: true or false"},
    {"[producer.config]", "resubscribe = \"x\"", "producer.config.resubscribe = 'x': allowed: \"if_lost\""},
    {"[producer.config]", "nodelay = 1", "producer.config.nodelay = 1: allowed: true or false"},
    {"[processors]", "concurrency = -1", "processors.concurrency = -1: allowed: an integer"},
    {"[processors]", "max_demand = 0", "processors.max_demand = 0: allowed: an integer, at least 1"},
    {"[processors]", "min_demand = -1", "processors.min_demand = -1: allowed: an integer"},
    {"[[batchers]]", "batch_size = 0", "batchers[0].batch_size = 0: allowed: an integer, at least 1"},
    {"[[batchers]]", "batch_timeout = 200", "batchers[0].batch_timeout = 200: allowed: a duration"},
    {"[[batchers]]", "concurrency = 0", "batchers[0].concurrency = 0: allowed: an integer, at least 1"},
    {"[[batchers]]", "max_demand = -1", "batchers[0].max_demand = -1: allowed: an integer"},
    {"[[batchers]]", "max_open_messages = -1", "batchers[0].max_open_messages = -1: allowed: an integer"},
    {"[sink]", "path = 5", "sink.path = 5: allowed: a string"},
    {"[sink]", "table = 5", "sink.table = 5: allowed: a string"},
    {"[sink]", "table = \"sqlite_x\"", "sink.table = \"sqlite_x\": allowed: a name"},
    {"[sink]", "synchronous = \"off\"", "sink.synchronous = 'off': allowed: \"full\", \"normal\""},
    {"[sink]", "busy_timeout = 5", "sink.busy_timeout = 5: allowed: a duration"},
};

std::string name_of_case(const ::testing::TestParamInfo<bad_value>& info) {
    auto name = std::to_string(info.index) + "_" + info.param.line;
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(options, one_bad_value, ::testing::ValuesIn(bad_values), name_of_case);

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

TEST(print, masks_secrets) {
    const auto l = load_text(with_config("username = \"u\"\npassword = \"s3cret\""), "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_THAT(print(l.config), Not(HasSubstr("s3cret")));
    EXPECT_THAT(print(l.config), HasSubstr("password = \"********\""));
    EXPECT_THAT(print(l.config, true), HasSubstr("s3cret"));
}

TEST(print, shows_the_defaults_in_force) {
    const auto text = print(load_text(fleet, "f.toml").config);
    EXPECT_THAT(text, HasSubstr("clean_start = false\n"));
    EXPECT_THAT(text, HasSubstr("session_expiry = 86400\n"));
    EXPECT_THAT(text, HasSubstr("drain_timeout = \"27s\"\n"));
    EXPECT_THAT(text, HasSubstr("table = \"messages\"\n"));
    EXPECT_THAT(text, HasSubstr("synchronous = \"full\"\n"));
}

void expect_round_trip(const std::string& text) {
    const auto first = load_text(text, "f.toml");
    ASSERT_EQ(describe("f.toml", first.faults), "");
    const auto printed = print(first.config, true);
    const auto second = load_text(printed, "printed.toml");
    EXPECT_EQ(describe("printed.toml", second.faults), "") << printed;
    EXPECT_EQ(print(second.config, true), printed);
}

TEST(print, what_it_prints_loads_to_the_same) {
    expect_round_trip(fleet);
    expect_round_trip(replaced("type = \"sqlite\"", "type = \"jsonl\"\nfsync = false"));
    expect_round_trip(replaced("type = \"sqlite\"\npath = \"fleet.db\"", "type = \"discard\""));
}

TEST(print, what_it_prints_loads_to_the_same_with_every_option_set) {
    expect_round_trip(R"(
name = "all \"of\" it"
shutdown = "20s"
buffer_size = 50
[producer]
topics = [{ filter = "a/+", qos = "exactly_once", retain_as_published = true, retain_handling = "do_not_send" },
          { filter = "b/#", retain_handling = "auto" }]
max_inflight = 7
concurrency = 2
shared_group = "g"
on_success = "noop"
on_failure = "ack"
drain_timeout = "5s"
redelivery = { min = "10ms", max = "2m", skip_after = "3s" }
[producer.config]
host = "::1"
port = 1884
username = "u"
password = "p"
clientid = "c"
proto_ver = "5.0"
clean_start = true
session_expiry = "never"
keepalive = "2m"
ping_timeout = "1500ms"
force_ping = true
will_topic = "w"
will_payload = "line\nline"
will_qos = 1
will_retain = true
connect_timeout = "1s"
ack_timeout = "2s"
close_timeout = "3s"
write_timeout = "4s"
send_queue_messages = 5
send_queue_bytes = 6000
send_queue_policy = "drop_oldest_qos0"
receive_bytes = 70000
read_ahead_bytes = 80000
qos0_buffer_messages = 9
qos0_buffer_bytes = 10000
qos0_buffer_policy = "keep_latest"
maximum_packet_size = 11000
topic_alias_maximum = 12
request_problem_information = false
validate_payload_format = true
strict_receive_maximum = true
strict_resend = true
reconnect = 13
backoff_min = "14ms"
backoff_max = "15s"
stable_after = "16s"
retry_fatal = true
resubscribe = "always"
nodelay = false
[producer.config.will_props]
will_delay_interval = 17
payload_format_indicator = 1
message_expiry_interval = 18
content_type = "text/plain"
response_topic = "r"
correlation_data = "d"
user_property = [["n", "v"], ["n", "v2"]]
[producer.config.properties]
user_property = [["k", "v"]]
request_response_information = 1
[processors]
name = "workers"
concurrency = 3
max_demand = 20
min_demand = 5
[[batchers]]
name = "a"
batch_size = 10
batch_timeout = "1s"
concurrency = 2
max_demand = 30
max_open_messages = 400
[sink]
type = "sqlite"
path = "x.db"
table = "t"
synchronous = "normal"
busy_timeout = "0s"
)");
}

TEST(key_reference, names_every_key_that_the_full_file_above_uses) {
    const auto text = key_reference();
    for (const auto* key :
         {"name\n", "producer.topics[].filter\n", "producer.config.will_props.will_delay_interval\n",
          "processors.min_demand\n", "batchers[].batch_size\n", "sink.(sqlite).synchronous\n",
          "producer.redelivery.min\n", "producer.config.password_file\n"})
        EXPECT_THAT(text, HasSubstr(key));
    EXPECT_THAT(text, Not(HasSubstr("auto_ack\n")));
}

} // namespace
} // namespace weir::tool
