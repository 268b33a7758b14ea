#include "tool_support/fleet_file.hpp"

#include <gmock/gmock.h>

#include <string>

namespace weir::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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
    EXPECT_THAT(text, HasSubstr("[retry]\nmax_attempts = 1\n"));
    EXPECT_THAT(text, HasSubstr("max_open_messages = 10000\n"));
    EXPECT_THAT(text, Not(HasSubstr("[dead_letter]")));
}

TEST(print, masks_the_password_of_a_proxy) {
    const auto l = load_text(with_config("proxy = \"http://u:s3cret@p\""), "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_THAT(print(l.config), Not(HasSubstr("s3cret")));
}

TEST(print, masks_what_opens_a_key) {
    const auto l = load_text(
        with_config("ssl = true\nws_headers = [[\"Authorization\", \"s3cret\"]]\nwebsocket = true\n"
                    "ssl_opts = { key_password = \"s3cret\", psk_identity = \"i\", psk_key = \"5ec1e7\" }"),
        "f.toml");
    ASSERT_EQ(describe("f.toml", l.faults), "");
    EXPECT_THAT(print(l.config), Not(HasSubstr("s3cret")));
    EXPECT_THAT(print(l.config), Not(HasSubstr("5ec1e7")));
    EXPECT_THAT(print(l.config), HasSubstr("psk_key = \"********\""));
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
    expect_round_trip(with("", "overflow = { policy = \"drop_oldest\" }"));
    expect_round_trip(replaced("[sink]", "[batchers.sink]"));
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
on_failure = "reject"
reject_code = 153
drain_timeout = "5s"
redelivery = { min = "10ms", max = "2m", skip_after = "3s", max_attempts = 7, then = "dead_letter", qos0 = true }
dead_letter = { topic = "dead/{topic}", qos = 2, retain = true, form = "json" }
stall_after = "9s"
drop_expired = true
overlap = "reject"
idempotency_key = { user_property = "id", entries = 5, ttl = "1m" }
unmatched = "ack"
unsubscribe = ["$share/g/old/#"]
subscription_policy = "any"
strict_qos = true
startup = "wait"
startup_timeout = "6s"
on_fatal = "retry"
on_stop = "end_session"
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
low_mem = true
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
host_order = "round_robin"
sticky = false
follow_server_reference = true
proxy = "socks5://u:p@proxy:1081"
websocket = true
ssl = true
ws_path = "/w"
ws_query = "a=b"
ws_headers = [["X-A", "b"]]
[producer.config.ssl_opts]
verify = "verify_none"
verify_host = false
server_name_indication = "s"
psk_identity = "i"
psk_key = "abcd"
key_password = "k"
min_version = "tlsv1.1"
max_version = "tlsv1.3"
ciphers = "ALL"
ciphersuites = "TLS_AES_128_GCM_SHA256"
alpn = ["mqtt", "x"]
session_resumption = false
keylog_file = "/tmp/none"
[producer.config.tcp_opts]
nodelay = false
user_timeout = "9s"
bind_address = "127.0.0.1"
bind_interface = "lo"
receive_buffer = 65536
send_buffer = 65537
[producer.config.tcp_opts.keepalive]
idle = 7
interval = 8
count = 9
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
time_limit = "30s"
replace_hanging = true
payload = "json"
partition_by = "json:device.id"
ordering = { mode = "keyed", lanes = 64, lane_buffer = 10 }
[overflow]
policy = "pause"
high_watermark = 40
low_watermark = 10
reserve = 7
[rate_limiting]
allowed_messages = 100
interval = "1s"
burst = 30
[circuit_breaker]
failures = 9
cooldown = "3s"
probes = 2
[retry]
max_attempts = 5
delay = "10ms"
max_delay = "2s"
factor = 1.5
jitter = 0.25
total_limit = "1m"
max_waiting = 50
hold_lane = true
[dead_letter]
path = "letters.jsonl"
fsync = false
settle_as = "failed"
[[batchers]]
name = "alarms"
topics = ["a/+", "b/c"]
batch_key = "json:device.id"
[batchers.sink]
type = "jsonl"
path = "alarms.jsonl"
[[batchers]]
name = "a"
batch_key = "topic:2"
partition_by = "topic:1"
serial_per_key = true
max_bytes = 100000
at_max_open = "intake_stops"
retry = { max_attempts = 3, delay = "1ms", max_delay = "2ms", factor = 1, jitter = 0, total_limit = "1s", max_waiting = 2, split = true }
adaptive = { min_size = 5, max_size = 50, target = "20ms" }
batch_size = 10
batch_timeout = "1s"
concurrency = 2
time_limit = "40s"
replace_hanging = true
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
         {"name\n",
          "producer.topics[].filter\n",
          "producer.config.will_props.will_delay_interval\n",
          "processors.min_demand\n",
          "processors.payload\n",
          "processors.partition_by\n",
          "processors.ordering.mode\n",
          "batchers[].retry.split\n",
          "retry.max_attempts\n",
          "dead_letter.path\n",
          "overflow.policy\n",
          "rate_limiting.allowed_messages\n",
          "circuit_breaker.failures\n",
          "metrics.listen\n",
          "batchers[].max_bytes\n",
          "batchers[].partition_by\n",
          "batchers[].adaptive.target\n",

          "batchers[].batch_size\n",
          "batchers[].topics\n",
          "batchers[].batch_key\n",
          "batchers[].sink.(jsonl).path\n",
          "sink.(sqlite).synchronous\n",
          "producer.redelivery.min\n",
          "producer.dead_letter.topic\n",
          "producer.on_stop\n",
          "producer.config.password_file\n"})
        EXPECT_THAT(text, HasSubstr(key));
    EXPECT_THAT(text, Not(HasSubstr("auto_ack\n")));
}

} // namespace
} // namespace weir::tool
