#include "stage/restart_budget.hpp"
#include "stage/restart_delay.hpp"

#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

const time_point begin{1h};

TEST(RestartBudget, BearsSoManyFailuresWithinATime) {
    restart_budget budget{{.max_restarts = 2, .max_seconds = 5s}};
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_TRUE(budget.spend(begin + 3s));
    EXPECT_FALSE(budget.spend(begin + 5s));
    EXPECT_TRUE(budget.spend(begin + 5'001ms)) << "the first one is forgotten";
    EXPECT_FALSE(budget.spend(begin + 8s));
}

TEST(RestartBudget, BearsNoneOrAny) {
    restart_budget none{{.max_restarts = 0}};
    EXPECT_FALSE(none.spend(begin));
    restart_budget any{{.max_restarts = restart_options::unlimited}};
    for (int i = 0; i < 1'000; ++i)
        EXPECT_TRUE(any.spend(begin));
}

class RestartDelay : public ::testing::Test {
  protected:
    /// Fails as soon as it has started.
    duration fail() {
        const auto d = delay.next(now, random);
        now += d;
        delay.started(now);
        return d;
    }

    restart_delay delay{{.resubscribe_interval = 100ms, .max_delay = 1s, .healthy_after = 1min}};
    std::minstd_rand random{1};
    time_point now = begin;
};

TEST_F(RestartDelay, DoublesUpToItsCapWithJitter) {
    delay.started(now);
    EXPECT_EQ(fail(), 100ms);
    for (const auto longest : {200ms, 400ms, 800ms, 1'000ms, 1'000ms}) {
        const auto d = fail();
        EXPECT_LE(d, longest);
        EXPECT_GE(d, longest * 3 / 4);
    }
}

TEST_F(RestartDelay, BeginsAnewAfterAHealthyTime) {
    delay.started(now);
    EXPECT_EQ(fail(), 100ms);
    now += 59s;
    EXPECT_NE(fail(), 100ms);
    now += 60s;
    EXPECT_EQ(fail(), 100ms);
}

} // namespace
} // namespace weir::pipeline
