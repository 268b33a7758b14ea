#include <weir/mqtt/reconnect.hpp>

#include <gtest/gtest.h>

#include <set>

namespace weir::mqtt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(backoff_delay, lies_between_half_and_all_of_the_doubled_minimum) {
    const reconnect_options options{.backoff_min = milliseconds{1'000}, .backoff_max = milliseconds{60'000}};
    milliseconds d{1'000};
    for (std::uint32_t attempt = 1; attempt <= 10; ++attempt) {
        for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
            const auto delay = backoff_delay(options, attempt, seed);
            ASSERT_GE(delay, d / 2) << "attempt " << attempt << " seed " << seed;
            ASSERT_LE(delay, d) << "attempt " << attempt << " seed " << seed;
        }
        d = std::min(d * 2, milliseconds{60'000});
    }
}

TEST(backoff_delay, spreads_clients_evenly) {
    const reconnect_options options{.backoff_min = milliseconds{10'000}, .backoff_max = milliseconds{10'000}};
    int lower_half = 0;
    std::set<milliseconds> distinct;
    for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
        const auto delay = backoff_delay(options, 1, seed);
        distinct.insert(delay);
        if (delay < milliseconds{7'500}) ++lower_half;
    }
    EXPECT_GT(distinct.size(), 800u);
    EXPECT_GT(lower_half, 420);
    EXPECT_LT(lower_half, 580);
}

TEST(backoff_delay, is_the_same_for_the_same_arguments) {
    const reconnect_options options{};
    EXPECT_EQ(backoff_delay(options, 3, 42), backoff_delay(options, 3, 42));
}

TEST(backoff_delay, stays_at_the_maximum_for_any_attempt) {
    const reconnect_options options{.backoff_min = milliseconds{1}, .backoff_max = milliseconds{8}};
    EXPECT_LE(backoff_delay(options, 4'000'000'000u, 7), milliseconds{8});
    EXPECT_EQ(
        backoff_delay({.backoff_min = milliseconds{0}, .backoff_max = milliseconds{0}}, 5, 7),
        milliseconds{0});
}

TEST(reconnect_policy, a_fixed_pause_neither_grows_nor_varies) {
    using namespace std::chrono_literals;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        reconnect_policy policy{{.retry_fatal = true, .fixed = 5s}, seed};
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(policy.failed({}, false).delay, 5s);
        EXPECT_EQ(policy.failed({}, true).delay, 5s) << "also after a refusal for good";
        EXPECT_EQ(policy.failed({}, false, true).delay, 5s);
    }
}

TEST(reconnect_policy, a_limit_of_two_allows_three_attempts) {
    reconnect_policy policy{{.limit = 2}, 1};
    EXPECT_TRUE(policy.failed({}, false).retry);
    EXPECT_TRUE(policy.failed({}, false).retry);
    const auto last = policy.failed({}, false);
    EXPECT_FALSE(last.retry);
    EXPECT_TRUE(last.gave_up);
    EXPECT_EQ(last.failures, 3u);
}

TEST(reconnect_policy, a_limit_of_zero_never_retries) {
    reconnect_policy policy{{.limit = 0}, 1};
    EXPECT_TRUE(policy.failed({}, false).gave_up);
}

TEST(reconnect_policy, only_a_connection_that_held_starts_the_count_anew) {
    reconnect_policy policy{{.stable_after = seconds{10}}, 1};
    EXPECT_EQ(policy.failed(seconds{9}, false).failures, 1u);
    EXPECT_EQ(policy.failed(seconds{9}, false).failures, 2u);
    EXPECT_EQ(policy.failed(seconds{10}, false).failures, 1u);
}

TEST(reconnect_policy, a_fatal_reason_ends_it) {
    reconnect_policy policy{{}, 1};
    const auto verdict = policy.failed({}, true);
    EXPECT_FALSE(verdict.retry);
    EXPECT_FALSE(verdict.gave_up);
}

TEST(reconnect_policy, a_fatal_reason_is_retried_at_the_longest_pause_when_asked) {
    reconnect_policy policy{{.backoff_max = seconds{60}, .retry_fatal = true}, 1};
    const auto verdict = policy.failed({}, true);
    EXPECT_TRUE(verdict.retry);
    EXPECT_EQ(verdict.delay, seconds{60});
}

TEST(reconnect_policy, waits_long_at_once_where_a_quick_retry_would_not_help) {
    reconnect_policy policy{{.backoff_min = seconds{1}, .backoff_max = seconds{60}}, 1};
    const auto v = policy.failed(duration{}, false, true);
    EXPECT_TRUE(v.retry);
    EXPECT_EQ(v.delay, seconds{60});
}

} // namespace
} // namespace weir::mqtt
