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
        "fleet: broker:1883 as me_0 (v5), a/# at QoS 1, window 100 -> jsonl standard output one by one\n"
        "  QoS 1: at least once; a message may repeat after a crash or a lost connection");
    auto c = some();
    c.sink = sinks::sqlite_options{.path = "x.db"};
    c.pipeline.batchers = {{.batch_size = 7}};
    EXPECT_THAT(describe(c), HasSubstr("-> sqlite x.db table messages in batches of up to 7\n"));
    c.pipeline.batchers.push_back({.name = "alarms"});
    c.placements = {{}, {.topics = {"a/b"}, .sink = sinks::discard_options{}}};
    c.dead_letters = sinks::jsonl_options{.path = "d.jsonl"};
    EXPECT_THAT(
        describe(c),
        HasSubstr("-> default: sqlite x.db table messages in batches of up to 7, alarms: nowhere "
                  "in batches of up to 100; dead letters to d.jsonl\n"));
}

TEST(describe, names_every_place_that_a_broker_may_be_at) {
    auto c = some();
    c.pipeline.producer.config.host = "mqtts://broker";
    EXPECT_THAT(describe(c), HasSubstr("fleet: broker:8883 as"));
    c.pipeline.producer.config.host = "mqtt://broker:1884";
    EXPECT_THAT(describe(c), HasSubstr("fleet: broker:1884 as"));
    c.pipeline.producer.config.hosts = {"one", "two:1885"};
    EXPECT_THAT(describe(c), HasSubstr("fleet: one:1883, two:1885 as"));
}

} // namespace
} // namespace weir::tool
