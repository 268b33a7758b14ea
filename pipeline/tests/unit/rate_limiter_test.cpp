#include "stage/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <random>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

class FixedWindow : public ::testing::Test {
  protected:
    const time_point begin{1h};
    rate_limiter limiter{{.allowed_messages = 10, .interval = 1s}, begin};
};

TEST_F(FixedWindow, LetsItsAllowancePassAtOnce) {
    EXPECT_EQ(limiter.opens_at(), std::nullopt);
    EXPECT_EQ(limiter.admit(7, begin), 7U);
    EXPECT_EQ(limiter.opens_at(), std::nullopt);
    EXPECT_EQ(limiter.admit(7, begin), 3U);
    EXPECT_EQ(limiter.admit(1, begin + 999ms), 0U);
    EXPECT_EQ(limiter.opens_at(), begin + 1s);
}

TEST_F(FixedWindow, StartsAnewAtTheEndOfTheIntervalAndCarriesNothingOver) {
    EXPECT_EQ(limiter.admit(2, begin), 2U);
    EXPECT_EQ(limiter.admit(100, begin + 1s), 10U) << "the eight that were left are gone";
    EXPECT_EQ(limiter.opens_at(), begin + 2s);
    limiter.refill(begin + 2s);
    EXPECT_EQ(limiter.opens_at(), std::nullopt);
}

TEST_F(FixedWindow, LetsTwiceTheAllowancePassAroundABoundary) {
    EXPECT_EQ(limiter.admit(100, begin + 999ms), 10U);
    EXPECT_EQ(limiter.admit(100, begin + 1s), 10U);
}

TEST_F(FixedWindow, KeepsItsBoundariesThroughWindowsWithoutMessages) {
    EXPECT_EQ(limiter.admit(100, begin + 3'700ms), 10U);
    EXPECT_EQ(limiter.opens_at(), begin + 4s);
}

TEST_F(FixedWindow, ChangesWhenTheRunningIntervalEnds) {
    EXPECT_EQ(limiter.admit(10, begin), 10U);
    limiter.change({.allowed_messages = 3, .interval = 2s}, begin + 500ms, false);
    EXPECT_EQ(limiter.limits().allowed_messages, 10U);
    EXPECT_EQ(limiter.opens_at(), begin + 1s);
    EXPECT_EQ(limiter.admit(10, begin + 1s), 3U);
    EXPECT_EQ(limiter.limits().allowed_messages, 3U);
    EXPECT_EQ(limiter.opens_at(), begin + 3s);
}

TEST_F(FixedWindow, ChangesAtOnceWhenItIsReset) {
    EXPECT_EQ(limiter.admit(10, begin), 10U);
    limiter.change({.allowed_messages = 3, .interval = 2s}, begin + 500ms, true);
    EXPECT_EQ(limiter.admit(10, begin + 500ms), 3U);
    EXPECT_EQ(limiter.opens_at(), begin + 2'500ms);
}

class TokenBucket : public ::testing::Test {
  protected:
    const time_point begin{1h};
    rate_limiter limiter{{.allowed_messages = 10, .interval = 1s, .burst = 5}, begin};
};

TEST_F(TokenBucket, LetsABurstPassAndThenAnEvenRate) {
    EXPECT_EQ(limiter.admit(100, begin), 5U);
    EXPECT_EQ(limiter.opens_at(), begin + 100ms);
    EXPECT_EQ(limiter.admit(100, begin + 99ms), 0U);
    EXPECT_EQ(limiter.admit(100, begin + 100ms), 1U);
    EXPECT_EQ(limiter.admit(100, begin + 350ms), 2U);
    EXPECT_EQ(limiter.opens_at(), begin + 400ms) << "half a message was saved";
}

TEST_F(TokenBucket, SavesNoMoreThanTheBurst) {
    EXPECT_EQ(limiter.admit(5, begin), 5U);
    EXPECT_EQ(limiter.admit(100, begin + 1h), 5U);
}

TEST_F(TokenBucket, OpensNoMoreOftenThanEachMillisecond) {
    rate_limiter fast{{.allowed_messages = 100'000, .interval = 1s, .burst = 1'000}, begin};
    EXPECT_EQ(fast.admit(2'000, begin), 1'000U);
    EXPECT_EQ(fast.opens_at(), begin + 1ms);
    EXPECT_EQ(fast.admit(2'000, begin + 1ms), 100U);
}

TEST_F(TokenBucket, KeepsWhatWasSavedThroughAChange) {
    EXPECT_EQ(limiter.admit(2, begin), 2U);
    limiter.change({.allowed_messages = 1, .interval = 1s, .burst = 2}, begin, false);
    EXPECT_EQ(limiter.admit(100, begin), 2U) << "three were saved, two fit";
    EXPECT_EQ(limiter.opens_at(), begin + 1s);
    limiter.change({.allowed_messages = 1, .interval = 1s, .burst = 4}, begin, true);
    EXPECT_EQ(limiter.admit(100, begin), 4U);
}

TEST_F(TokenBucket, NeitherLosesNorGainsARateThatDoesNotDivideEvenly) {
    rate_limiter odd{{.allowed_messages = 7, .interval = 3s, .burst = 3}, begin};
    std::minstd_rand random{1};
    std::uniform_int_distribution<int> step{1, 300'000};
    std::size_t passed = odd.admit(100, begin);
    auto now = begin;
    while (now < begin + 3'000s) {
        now += std::chrono::microseconds{step(random)};
        passed += odd.admit(100, now);
    }
    const auto expected = 3 + std::chrono::duration<double>(now - begin).count() * 7 / 3;
    EXPECT_NEAR(static_cast<double>(passed), expected, 1.0);
}

TEST_F(TokenBucket, HoldsTheLargestFiguresThatAreAllowed) {
    rate_limiter huge{{.allowed_messages = 100'000'000, .interval = 24h, .burst = 100'000'000}, begin};
    EXPECT_EQ(huge.admit(200'000'000, begin), 100'000'000U);
    EXPECT_EQ(huge.admit(200'000'000, begin + 12h), 50'000'000U);
    EXPECT_EQ(huge.admit(200'000'000, begin + 24h * 400), 100'000'000U);
}

} // namespace
} // namespace weir::pipeline
