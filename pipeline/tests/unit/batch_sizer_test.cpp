#include "stage/batch_sizer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr batch_sizer::limits limits{.min_size = 10, .max_size = 10'000, .target = 100ms};

TEST(BatchSizer, ConvergesWhereABatchTakesAsLongAsWanted) {
    batch_sizer s{10, limits};
    for (int i = 0; i < 30; ++i)
        s.observe(s.size(), 20ms + s.size() * 50us); // 1,600 messages take 100 ms
    EXPECT_NEAR(static_cast<double>(s.size()), 1'600, 200);
}

TEST(BatchSizer, GrowsAndShrinksInBoundedSteps) {
    batch_sizer s{100, limits};
    s.observe(100, 1us);
    EXPECT_EQ(s.size(), 150U);
    s.observe(150, 1h);
    EXPECT_EQ(s.size(), 112U);
}

TEST(BatchSizer, StaysWithinItsBounds) {
    batch_sizer s{1, limits};
    EXPECT_EQ(s.size(), 10U);
    for (int i = 0; i < 100; ++i)
        s.observe(s.size(), 0ns);
    EXPECT_EQ(s.size(), 10'000U);
    for (int i = 0; i < 100; ++i)
        s.observe(s.size(), 10s);
    EXPECT_EQ(s.size(), 10U);
}

TEST(BatchSizer, DoesNotMoveCloseToTheTarget) {
    batch_sizer s{100, limits};
    s.observe(100, 91ms);
    s.observe(100, 109ms);
    EXPECT_EQ(s.size(), 100U);
}

TEST(BatchSizer, DoesNotGrowByBatchesThatWereNotFull) {
    batch_sizer s{100, limits};
    s.observe(3, 1ms);
    s.observe(0, 1ms);
    EXPECT_EQ(s.size(), 100U);
    s.observe(40, 400ms);
    EXPECT_LT(s.size(), 100U) << "but shrinks by them";
}

// Whatever a batch costs, as long as larger ones cost no less: no oscillation, and the end is near the
// target.
RC_GTEST_PROP(BatchSizer, ConvergesForAnyLinearCost, ()) {
    const auto fixed = *rc::gen::inRange(0, 200'000);
    const auto each = *rc::gen::inRange(1, 5'000);
    const auto cost = [&](std::size_t n) {
        return std::chrono::microseconds{fixed + each * static_cast<long>(n)};
    };
    batch_sizer s{*rc::gen::inRange<std::size_t>(10, 10'000), limits};
    for (int i = 0; i < 200; ++i)
        s.observe(s.size(), cost(s.size()));
    const auto reached = s.size();
    s.observe(reached, cost(reached));
    RC_ASSERT(s.size() == reached);
    const auto off = std::abs(std::chrono::duration<double>(cost(reached) - 100ms).count());
    const auto one = std::chrono::duration<double>(std::chrono::microseconds{each}).count();
    RC_ASSERT(off <= 0.0101 + 2 * one || reached == 10U || reached == 10'000U);
}

} // namespace
} // namespace weir::pipeline
