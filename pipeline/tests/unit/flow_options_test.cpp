#include "options/circuit_breaker.hpp"
#include "options/overflow.hpp"
#include "options/rate_limiting.hpp"
#include "options/restarts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> paths_of(fault_list faults) {
    std::vector<std::string> paths;
    for (const auto& f : faults.take())
        paths.push_back(f.path);
    return paths;
}

std::vector<std::string> faults_of(const rate_limiting_options& o) {
    fault_list faults;
    check_rate_limiting(o, "rate", faults);
    return paths_of(std::move(faults));
}

TEST(RateLimitingOptions, WantBothFiguresOrNone) {
    EXPECT_THAT(faults_of({}), IsEmpty());
    EXPECT_THAT(faults_of({.allowed_messages = 1, .interval = 1ms}), IsEmpty());
    EXPECT_THAT(faults_of({.allowed_messages = 1}), ElementsAre("rate.interval"));
    EXPECT_THAT(faults_of({.interval = 1ms}), ElementsAre("rate.allowed_messages"));
    EXPECT_THAT(faults_of({.burst = 1}), ElementsAre("rate.burst"));
    EXPECT_THAT(faults_of({.allowed_messages = 1, .interval = 25h}), ElementsAre("rate.interval"));
    EXPECT_THAT(faults_of({.allowed_messages = 1, .interval = -1ms}), ElementsAre("rate.interval"));
}

std::vector<std::string> faults_of(const circuit_breaker_options& o) {
    fault_list faults;
    check_circuit_breaker(o, "circuit", faults);
    return paths_of(std::move(faults));
}

TEST(CircuitBreakerOptions, WantACooldownAndAProbe) {
    EXPECT_THAT(faults_of(circuit_breaker_options{}), IsEmpty());
    EXPECT_THAT(
        faults_of({.failures = 1, .cooldown = 0ms, .probes = 0}),
        ElementsAre("circuit.cooldown", "circuit.probes"));
}

std::vector<std::string> faults_of(const restart_options& o) {
    fault_list faults;
    check_restarts(o, "restarts", faults);
    return paths_of(std::move(faults));
}

TEST(RestartOptions, WantDelaysThatGrow) {
    EXPECT_THAT(faults_of(restart_options{}), IsEmpty());
    EXPECT_THAT(faults_of({.max_restarts = restart_options::unlimited}), IsEmpty());
    EXPECT_THAT(
        faults_of({.max_restarts = 2'000'000, .max_seconds = 0s, .resubscribe_interval = 1min}),
        ElementsAre("restarts.max_restarts", "restarts.max_seconds", "restarts.max_delay"));
}

std::vector<std::string> faults_of(const overflow_options& o) {
    fault_list faults;
    check_overflow(o, 100, "overflow", faults);
    return paths_of(std::move(faults));
}

TEST(OverflowOptions, WantWatermarksInOrderAndWithinTheBuffer) {
    EXPECT_THAT(faults_of(overflow_options{}), IsEmpty());
    EXPECT_THAT(faults_of({.high_watermark = 50, .low_watermark = 0}), IsEmpty());
    EXPECT_THAT(faults_of({.high_watermark = 101}), ElementsAre("overflow.high_watermark"));
    EXPECT_THAT(
        faults_of({.high_watermark = 50, .low_watermark = 50}), ElementsAre("overflow.low_watermark"));
    EXPECT_THAT(
        faults_of({.policy = buffer_policy::drop_oldest, .high_watermark = 1, .reserve = 1}),
        ElementsAre("overflow.high_watermark", "overflow.reserve"));
}

TEST(OverflowOptions, PauseWhenTheBufferIsFullAndResumeWhenItIsHalfEmpty) {
    const auto e = effective(overflow_options{}, 100);
    EXPECT_EQ(e.high_watermark, 100U);
    EXPECT_EQ(e.low_watermark, 50U);
    EXPECT_EQ(e.reserve, 10U);
}

} // namespace
} // namespace weir::pipeline
