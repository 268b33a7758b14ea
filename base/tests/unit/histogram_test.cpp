#include <weir/base/histogram.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace {

using weir::histogram;

TEST(Histogram, OfNothingIsZero) {
    const auto h = std::make_unique<histogram>();
    EXPECT_EQ(h->count(), 0U);
    EXPECT_EQ(h->percentile(50), 0U);
    EXPECT_EQ(h->max(), 0U);
}

TEST(Histogram, IsExactForSmallValues) {
    const auto h = std::make_unique<histogram>();
    for (std::uint64_t v = 1; v <= 60; ++v)
        h->record(v);
    EXPECT_EQ(h->percentile(0), 1U);
    EXPECT_EQ(h->percentile(50), 30U);
    EXPECT_EQ(h->percentile(100), 60U);
}

TEST(Histogram, HoldsTheWholeRange) {
    const auto h = std::make_unique<histogram>();
    h->record(0);
    h->record(std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(h->percentile(50), 0U);
    EXPECT_EQ(h->percentile(100), std::numeric_limits<std::uint64_t>::max());
}

// The reported value lies in the same bucket as the exact one: at or above it, by at most a thirty-second.
RC_GTEST_PROP(Histogram, PercentilesAreCloseToTheExactOnes, (std::vector<std::uint64_t> values)) {
    RC_PRE(!values.empty());
    const auto h = std::make_unique<histogram>();
    for (auto& v : values) {
        v >>= *rc::gen::inRange(0, 64);
        h->record(v);
    }
    std::sort(values.begin(), values.end());
    for (const double percent : {1.0, 50.0, 90.0, 99.0, 100.0}) {
        const auto rank =
            static_cast<std::size_t>(std::ceil(percent / 100.0 * static_cast<double>(values.size())));
        const auto exact = values[std::max<std::size_t>(rank, 1) - 1];
        const auto reported = h->percentile(percent);
        RC_ASSERT(reported >= exact);
        RC_ASSERT(reported - exact <= exact / 32);
    }
    RC_ASSERT(h->count() == values.size());
    RC_ASSERT(h->max() == values.back());
}

TEST(Histogram, TakesValuesFromSeveralThreads) {
    const auto h = std::make_unique<histogram>();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (std::uint64_t i = 0; i < 10'000; ++i)
                h->record(i);
        });
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(h->count(), 30'000U);
    EXPECT_EQ(h->max(), 9'999U);
}

} // namespace
