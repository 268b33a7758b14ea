#include "tool_support/fleet_file.hpp"

#include <gmock/gmock.h>

#include <cctype>
#include <string>

namespace weir::tool {
namespace {

using ::testing::HasSubstr;

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
    {"[producer.config]", "proto_fallback = [\"v6\"]",
     "producer.config.proto_fallback = [ 'v6' ]: allowed: an array of"},
    {"[producer.config]", "proto_fallback = [\"v5\"]",
     "producer.config.proto_fallback = v5: allowed: versions older than proto_ver"},
    {"[producer.config]", "clean_start_always = 1", "clean_start_always = 1: allowed: true or false"},
    {"[producer.config]", "session_strict = 1", "session_strict = 1: allowed: true or false"},
    {"[producer.config]", "queue_while_disconnected = 1",
     "queue_while_disconnected = 1: allowed: \"all\", \"qos0_off\", \"none\""},
    {"[producer.config]", "strict_order = 1", "strict_order = 1: allowed: true or false"},
    {"[producer.config]", "complete_on = \"x\"", "complete_on = 'x': allowed: \"pubcomp\", \"pubrec\""},
    {"[producer.config]", "on_session_lost_qos1 = 1",
     "on_session_lost_qos1 = 1: allowed: \"republish\", \"fail\""},
    {"[producer.config]", "on_session_lost_qos2 = 1",
     "on_session_lost_qos2 = 1: allowed: \"republish\", \"fail\""},
    {"[producer.config]", "downgrade_qos = 1", "downgrade_qos = 1: allowed: true or false"},
    {"[producer.config]", "strict_utf8 = 1", "strict_utf8 = 1: allowed: true or false"},
    {"[producer.config]", "retry_calls_on_reconnect = 1",
     "retry_calls_on_reconnect = 1: allowed: true or false"},
    {"[producer.config]", "ack_order = 1", "ack_order = 1: allowed: \"protocol\", \"relaxed\""},
    {"[producer.config]", "nodelay = 1", "producer.config.nodelay = 1: allowed: true or false"},
    {"[processors]", "concurrency = -1", "processors.concurrency = -1: allowed: an integer"},
    {"[processors]", "max_demand = 0", "processors.max_demand = 0: allowed: an integer, at least 1"},
    {"[processors]", "min_demand = -1", "processors.min_demand = -1: allowed: an integer"},
    {"[processors]", "time_limit = 5", "processors.time_limit = 5: allowed: a duration"},
    {"[processors]", "partition_by = 3", "processors.partition_by = 3: allowed: \"topic:N\""},
    {"[processors]", "partition_by = \"topic:3\"",
     "processors.partition_by = \"topic:3\": allowed: not given"},
    {"[processors]", "ordering = { mode = \"strict\" }",
     "processors.ordering.mode = 'strict': allowed: \"none\""},
    {"[processors]", "ordering = { mode = \"keyed\" }", "processors.partition_by: allowed: \"topic:N\""},
    {"[processors]", "ordering = { lanes = 0 }", "processors.ordering.lanes = 0: allowed: an integer"},
    {"[processors]", "ordering = { lane_buffer = -1 }", "processors.ordering.lane_buffer = -1: allowed: an"},
    {"[processors]", "payload = \"xml\"",
     "processors.payload = 'xml': allowed: \"bytes\", \"text\", \"json\""},
    {"", "retry = { max_attempts = 0 }", "retry.max_attempts = 0: allowed: an integer, 1..10000"},
    {"", "retry = { delay = 1 }", "retry.delay = 1: allowed: a duration"},
    {"", "retry = { delay = \"2m\" }", "retry.max_delay = 30000ms: allowed: a duration of at least delay"},
    {"", "retry = { max_delay = 1 }", "retry.max_delay = 1: allowed: a duration"},
    {"", "retry = { factor = 0.5 }", "retry.factor = 0.5: allowed: a number, 1..100"},
    {"", "retry = { jitter = 2 }", "retry.jitter = 2: allowed: a number, 0..1"},
    {"", "retry = { total_limit = 0 }", "retry.total_limit = 0: allowed: a duration"},
    {"", "retry = { max_waiting = 0 }", "retry.max_waiting = 0: allowed: an integer, at least 1"},
    {"", "overflow = { policy = \"block\" }", "overflow.policy = 'block': allowed: \"pause\""},
    {"", "overflow = { high_watermark = -1 }", "overflow.high_watermark = -1: allowed: an integer"},
    {"", "overflow = { low_watermark = 10000 }",
     "overflow.low_watermark = 10000: allowed: an integer from 0"},
    {"", "overflow = { policy = \"drop_oldest\", reserve = 1 }", "overflow.reserve = 1: allowed: not given"},
    {"", "rate_limiting = { allowed_messages = 5 }",
     "rate_limiting.interval = 0ms: allowed: a duration from 1ms"},
    {"", "rate_limiting = { interval = \"1s\" }", "rate_limiting.allowed_messages = 0: allowed: an integer"},
    {"", "rate_limiting = { interval = 1 }", "rate_limiting.interval = 1: allowed: a duration"},
    {"", "rate_limiting = { burst = 5 }", "rate_limiting.burst = 5: allowed: 0 as long as"},
    {"", "circuit_breaker = { failures = -1 }", "circuit_breaker.failures = -1: allowed: an integer"},
    {"", "circuit_breaker = { cooldown = \"0s\" }", "circuit_breaker.cooldown = 0ms: allowed: a duration"},
    {"", "circuit_breaker = { probes = 0 }", "circuit_breaker.probes = 0: allowed: an integer, at least 1"},
    {"", "dead_letter = { }", "dead_letter.path = \"\": allowed: the path of a file"},
    {"", "dead_letter = { path = 1 }", "dead_letter.path = 1: allowed: the path of a file"},
    {"", "dead_letter = { path = \"-\" }", "dead_letter.path = \"-\": allowed: the path of a file; standard"},
    {"", "dead_letter = { path = \"x\", fsync = 1 }", "dead_letter.fsync = 1: allowed: true or false"},
    {"", "dead_letter = { path = \"x\", settle_as = \"ok\" }",
     "dead_letter.settle_as = 'ok': allowed: \"successful\", \"failed\""},
    {"[[batchers]]", "topics = \"a/#\"", "batchers[0].topics = 'a/#': allowed: an array of topic filters"},
    {"[[batchers]]", "topics = [1]", "batchers[0].topics = [ 1 ]: allowed: an array of topic filters"},
    {"[[batchers]]", "topics = [\"/hfp/#/x\"]",
     "batchers[0].topics[0] = \"/hfp/#/x\": allowed: a topic filter"},
    {"[[batchers]]", "batch_key = \"topic:0\"", "batchers[0].batch_key = 'topic:0': allowed: \"topic:N\""},
    {"[[batchers]]", "partition_by = \"level 3\"",
     "batchers[0].partition_by = 'level 3': allowed: \"topic:N\""},
    {"[[batchers]]", "at_max_open = \"wait\"",
     "batchers[0].at_max_open = 'wait': allowed: \"oldest_leaves\""},
    {"[[batchers]]", "max_bytes = -1", "batchers[0].max_bytes = -1: allowed: an integer"},
    {"[[batchers]]", "serial_per_key = 1", "batchers[0].serial_per_key = 1: allowed: true or false"},
    {"[[batchers]]", "adaptive = { min_size = 1 }", "batchers[0].adaptive.max_size = 0: allowed: an integer"},
    {"[[batchers]]", "adaptive = { max_size = 0 }", "batchers[0].adaptive.max_size = 0: allowed: an integer"},
    {"[[batchers]]", "adaptive = { target = 1 }", "batchers[0].adaptive.target = 1: allowed: a duration"},
    {"[[batchers]]", "retry = { max_attempts = 0 }",
     "batchers[0].retry.max_attempts = 0: allowed: an integer"},
    {"[[batchers]]", "retry = { delay = \"2m\" }",
     "batchers[0].retry.max_delay = 30000ms: allowed: a duration"},
    {"[[batchers]]", "retry = { split = 2 }", "batchers[0].retry.split = 2: allowed: true or false"},
    {"[[batchers]]", "splitter = true", "batchers[0].splitter: unknown key"},
    {"[[batchers]]", "sink = 5", "batchers[0].sink = 5: allowed: a table"},
    {"[[batchers]]", "sink = { path = \"x\" }",
     "batchers[0].sink.type: allowed: \"sqlite\", \"jsonl\" or \"discard\"; it is missing"},
    {"[[batchers]]", "sink = { type = \"jsonl\" }",
     "batchers[0].sink.path = \"\": allowed: the path of a file"},
    {"[[batchers]]", "batch_size = 0", "batchers[0].batch_size = 0: allowed: an integer, at least 1"},
    {"[[batchers]]", "batch_timeout = 200", "batchers[0].batch_timeout = 200: allowed: a duration"},
    {"[[batchers]]", "concurrency = 0", "batchers[0].concurrency = 0: allowed: an integer, at least 1"},
    {"[[batchers]]", "time_limit = 5", "batchers[0].time_limit = 5: allowed: a duration"},
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

} // namespace
} // namespace weir::tool
