#include "stage/retry_schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

TEST(RetryScheduleTest, IsOffByDefault) {
    const retry_schedule s{{}};
    EXPECT_FALSE(s.enabled());
    EXPECT_FALSE(s.pause(1, 0ms, 0.0));
}

TEST(RetryScheduleTest, PausesGrowUpToTheirLimit) {
    const retry_schedule s{
        {.max_attempts = 6, .delay = 100ms, .max_delay = 1s, .factor = 3.0, .jitter = 0.0}};
    EXPECT_EQ(s.pause(1, 0ms, 0.5), 100ms);
    EXPECT_EQ(s.pause(2, 0ms, 0.5), 300ms);
    EXPECT_EQ(s.pause(3, 0ms, 0.5), 900ms);
    EXPECT_EQ(s.pause(4, 0ms, 0.5), 1s);
    EXPECT_EQ(s.pause(5, 0ms, 0.5), 1s);
    EXPECT_FALSE(s.pause(6, 0ms, 0.5)) << "six attempts have been made";
}

TEST(RetryScheduleTest, ManyAttemptsDoNotOverflow) {
    const retry_schedule s{{.max_attempts = 10'000, .max_delay = 1min, .factor = 100.0, .jitter = 0.0}};
    EXPECT_EQ(s.pause(9'999, 0ms, 0.0), 1min);
}

TEST(RetryScheduleTest, ChanceShortensAPause) {
    const retry_schedule s{{.max_attempts = 2, .delay = 100ms, .jitter = 0.5}};
    EXPECT_EQ(s.pause(1, 0ms, 0.0), 100ms);
    EXPECT_EQ(s.pause(1, 0ms, 1.0), 50ms);
}

TEST(RetryScheduleTest, NoAttemptBeginsAfterTheLimitOfTheWhole) {
    const retry_schedule s{
        {.max_attempts = 10, .delay = 100ms, .factor = 1.0, .jitter = 0.0, .total_limit = 250ms}};
    EXPECT_EQ(s.pause(1, 150ms, 0.0), 100ms);
    EXPECT_FALSE(s.pause(1, 151ms, 0.0));
}

} // namespace
} // namespace weir::pipeline
