#include "pipeline_part.hpp"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;

/// One value of each group that differs from the default.
void expect_changed(const pipeline::options& p) {
    EXPECT_EQ(p.name, "n");
    EXPECT_EQ(p.processors.concurrency, 3u);
    ASSERT_EQ(p.batchers.size(), 1u);
    EXPECT_EQ(p.batchers[0].batch_size, 7u);
    EXPECT_EQ(p.retry.max_attempts, 4u);
    EXPECT_EQ(p.dead_letter.settle_as, pipeline::dead_letter_options::settling::failed);
    EXPECT_EQ(p.shutdown, 5s);
    EXPECT_EQ(p.buffer_size, 6u);
    EXPECT_EQ(p.overflow.policy, pipeline::buffer_policy::drop_oldest);
    EXPECT_EQ(p.rate_limiting.allowed_messages, 8u);
    EXPECT_EQ(p.circuit_breaker.failures, 9u);
}

TEST(pipeline_part, holds_every_option_of_the_pipeline_in_both_directions) {
    options o;
    o.name = "n";
    o.processors.concurrency = 3;
    o.batchers = {{.batch_size = 7}};
    o.retry.max_attempts = 4;
    o.dead_letter.settle_as = pipeline::dead_letter_options::settling::failed;
    o.shutdown = 5s;
    o.buffer_size = 6;
    o.overflow.policy = pipeline::buffer_policy::drop_oldest;
    o.rate_limiting.allowed_messages = 8;
    o.circuit_breaker.failures = 9;
    expect_changed(pipeline_part(o));

    options copy;
    set_pipeline_part(copy, pipeline_part(o));
    expect_changed(pipeline_part(copy));
}

} // namespace
} // namespace weir::connector
