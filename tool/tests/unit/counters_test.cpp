#include "run/counters.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace weir::tool {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

counters some() {
    counters c;
    c.stats.received = 10;
    c.stats.delivered = 12;
    c.stats.acked = 9;
    c.stats.succeeded = 9;
    c.stats.failed = 3;
    c.stats.redelivered = 2;
    c.stats.duplicates = 1;
    c.stats.unacknowledged = 6;
    c.stats.reconnects = 8;
    c.stats.latency = {.p50_us = 1'500, .p90_us = 2'000, .p99_us = 3'000, .max_us = 4'000};
    c.state = pipeline::state::running;
    c.in_flight = 1;
    c.dead_letters = 4;
    c.elapsed = std::chrono::seconds{5};
    c.busy = std::chrono::seconds{3};
    return c;
}

TEST(counters, the_rate_counts_the_time_with_messages_only) {
    EXPECT_DOUBLE_EQ(messages_per_second(some()), 3.0);
    EXPECT_DOUBLE_EQ(messages_per_second({}), 0.0);
}

TEST(counters, the_report_has_every_number) {
    const auto r = json::parse(to_json(some(), {.drained = true}));
    EXPECT_EQ(r.at("received"), 10);
    EXPECT_EQ(r.at("delivered"), 12);
    EXPECT_EQ(r.at("acked"), 9);
    EXPECT_EQ(r.at("failed"), 3);
    EXPECT_EQ(r.at("dead_letters"), 4);
    EXPECT_EQ(r.at("redelivered"), 2);
    EXPECT_EQ(r.at("duplicates"), 1);
    EXPECT_EQ(r.at("unacknowledged"), 6);
    EXPECT_EQ(r.at("reconnects"), 8);
    EXPECT_EQ(r.at("messages_per_second"), 3.0);
    EXPECT_EQ(r.at("latency").at("p50_us"), 1'500);
    EXPECT_EQ(r.at("latency").at("p90_us"), 2'000);
    EXPECT_EQ(r.at("latency").at("p99_us"), 3'000);
    EXPECT_EQ(r.at("latency").at("max_us"), 4'000);
    EXPECT_EQ(r.at("drained"), true);
    EXPECT_TRUE(r.at("reason").is_null());
}

TEST(counters, the_report_says_why_it_was_not_drained) {
    const auto r = json::parse(to_json(some(), {.drained = false, .reason = "gone"}));
    EXPECT_EQ(r.at("drained"), false);
    EXPECT_EQ(r.at("reason"), "gone");
    EXPECT_THAT(
        to_summary(some(), {.drained = false, .reason = "gone"}), HasSubstr("not drained: received 10"));
    EXPECT_THAT(to_summary(some(), {.drained = false, .reason = "gone"}), HasSubstr("; gone"));
    EXPECT_THAT(to_summary(some(), {.drained = true}), HasSubstr("acked 9, left unacknowledged 6,"));
}

TEST(counters, the_summary_tells_where_the_rest_went) {
    auto c = some();
    EXPECT_THAT(to_summary(c, {.drained = true}), HasSubstr("duplicates 1, dead letters 4; "));
    c.dead_letters = 0;
    c.stats.copies = 2;
    c.stats.expired = 3;
    EXPECT_THAT(to_summary(c, {.drained = true}), HasSubstr("duplicates 1, copies 2, expired 3; "));
}

TEST(counters, progress_has_the_state) {
    EXPECT_EQ(json::parse(to_json(some())).at("state"), "running");
    EXPECT_THAT(to_line(some(), 7), HasSubstr("stored 9 (7/s)"));
}

} // namespace
} // namespace weir::tool
