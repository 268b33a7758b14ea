#include "run/describe.hpp"

#include <gmock/gmock.h>

namespace weir::tool {
namespace {

using ::testing::HasSubstr;

file_config some() {
    file_config c;
    c.pipeline.name = "fleet";
    c.pipeline.producer.topics = {{.filter = "a/#", .qos = mqtt::qos::at_least_once}};
    c.pipeline.producer.config.host = "broker";
    c.pipeline.producer.config.clientid = "me";
    c.sink = sinks::jsonl_options{.path = "-"};
    return c;
}

TEST(describe, says_from_where_what_to_where_and_what_is_promised) {
    EXPECT_EQ(
        describe(some()),
        "fleet: broker:1883 as me_0 (v5), a/# at QoS 1, window 100 -> jsonl standard output one by one; "
        "at least once, repeated after a crash");
    auto c = some();
    c.sink = sinks::sqlite_options{.path = "x.db"};
    c.pipeline.batchers = {{.batch_size = 7}};
    EXPECT_THAT(describe(c), HasSubstr("-> sqlite x.db table messages in batches of up to 7;"));
    c.pipeline.batchers.push_back({.name = "alarms"});
    c.placements = {{}, {.topics = {"a/b"}, .sink = sinks::discard_options{}}};
    c.dead_letters = sinks::jsonl_options{.path = "d.jsonl"};
    EXPECT_THAT(
        describe(c),
        HasSubstr("-> default: sqlite x.db table messages in batches of up to 7, alarms: nowhere "
                  "in batches of up to 100; dead letters to d.jsonl; at least once"));
}

TEST(guarantee, follows_qos_session_and_failure_policy) {
    auto c = some();
    EXPECT_EQ(guarantee(c), "at least once, repeated after a crash");
    c.pipeline.producer.config.clean_start = true;
    EXPECT_EQ(guarantee(c), "at least once while this process lives");
    c.pipeline.producer.on_failure = connector::on_failure::ack;
    EXPECT_EQ(guarantee(c), "at least once while this process lives, failed messages are given up");
    c.pipeline.producer.topics.push_back({.filter = "b"});
    EXPECT_THAT(guarantee(c), HasSubstr("; at most once for QoS 0"));
    c.pipeline.producer.topics = {{.filter = "b"}};
    EXPECT_EQ(guarantee(c), "at most once");
}

} // namespace
} // namespace weir::tool
