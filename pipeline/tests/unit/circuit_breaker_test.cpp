#include "stage/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using enum outcome;
using state = circuit_breaker::state;

class CircuitBreaker : public ::testing::Test {
  protected:
    void settle(std::initializer_list<outcome> outcomes, time_point at) {
        for (const auto o : outcomes)
            breaker.settled(o, at);
    }

    const time_point begin{1h};
    circuit_breaker breaker{{.failures = 3, .cooldown = 10s, .probes = 2}};
};

TEST_F(CircuitBreaker, OpensAfterFailuresInARowOnly) {
    settle({failed, failed, successful, failed, failed}, begin);
    EXPECT_EQ(breaker.current(), state::closed);
    EXPECT_EQ(breaker.admit(100), 100U);
    settle({failed}, begin);
    EXPECT_EQ(breaker.current(), state::open);
    EXPECT_EQ(breaker.admit(100), 0U);
    EXPECT_EQ(breaker.due(), begin + 10s);
}

TEST_F(CircuitBreaker, TakesAbandonedMessagesForNeitherWhileItIsClosed) {
    settle({failed, abandoned, failed, abandoned, failed}, begin);
    EXPECT_EQ(breaker.current(), state::open);
}

TEST_F(CircuitBreaker, LetsProbesPassAfterTheCooldown) {
    settle({failed, failed, failed}, begin);
    breaker.tick(begin + 9'999ms);
    EXPECT_TRUE(breaker.blocks());
    breaker.tick(begin + 10s);
    EXPECT_FALSE(breaker.blocks());
    EXPECT_EQ(breaker.admit(100), 2U);
    EXPECT_TRUE(breaker.blocks());
    EXPECT_EQ(breaker.due(), std::nullopt) << "it waits for the probes, not for time";
}

TEST_F(CircuitBreaker, ClosesWhenAllProbesSucceed) {
    settle({failed, failed, failed}, begin);
    breaker.tick(begin + 10s);
    settle({successful}, begin + 11s);
    EXPECT_EQ(breaker.current(), state::probing);
    settle({successful}, begin + 11s);
    EXPECT_EQ(breaker.current(), state::closed);
    settle({failed, failed}, begin + 12s);
    EXPECT_EQ(breaker.current(), state::closed) << "it counts from the beginning";
}

TEST_F(CircuitBreaker, OpensAgainWhenAProbeDoesNotSucceed) {
    for (const auto bad : {failed, abandoned}) {
        settle({failed, failed, failed}, begin);
        breaker.tick(begin + 10s);
        settle({successful, bad}, begin + 11s);
        EXPECT_EQ(breaker.current(), state::open);
        EXPECT_EQ(breaker.due(), begin + 21s);
        breaker.tick(begin + 21s);
        settle({successful, successful}, begin + 22s);
        EXPECT_EQ(breaker.current(), state::closed);
    }
}

} // namespace
} // namespace weir::pipeline
