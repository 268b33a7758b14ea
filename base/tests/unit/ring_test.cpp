#include <weir/base/ring.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

namespace {

using weir::ring;

TEST(Ring, RoundsItsCapacityUpToAPowerOfTwo) {
    EXPECT_EQ(ring<int>{0}.capacity(), 2U);
    EXPECT_EQ(ring<int>{4}.capacity(), 4U);
    EXPECT_EQ(ring<int>{5}.capacity(), 8U);
}

TEST(Ring, RefusesWhatDoesNotFit) {
    ring<int> r{2};
    EXPECT_TRUE(r.try_push(1));
    EXPECT_TRUE(r.try_push(2));
    EXPECT_FALSE(r.try_push(3));
    int value = 0;
    EXPECT_TRUE(r.try_pop(value));
    EXPECT_EQ(value, 1);
    EXPECT_TRUE(r.try_push(3));
}

TEST(Ring, IsReadableExactlyWhenItHoldsSomething) {
    ring<int> r{2};
    EXPECT_FALSE(r.readable());
    ASSERT_TRUE(r.try_push(1));
    EXPECT_TRUE(r.readable());
    int value = 0;
    ASSERT_TRUE(r.try_pop(value));
    EXPECT_FALSE(r.readable());
    EXPECT_FALSE(r.try_pop(value));
}

RC_GTEST_PROP(Ring, BehavesAsABoundedDeque, (const std::vector<bool>& pushes)) {
    ring<std::size_t> r{8};
    std::deque<std::size_t> model;
    for (std::size_t i = 0; i < pushes.size(); ++i) {
        if (pushes[i]) {
            const bool fits = model.size() < r.capacity();
            RC_ASSERT(r.try_push(i) == fits);
            if (fits) model.push_back(i);
        } else {
            std::size_t value = 0;
            RC_ASSERT(r.try_pop(value) == !model.empty());
            if (!model.empty()) {
                RC_ASSERT(value == model.front());
                model.pop_front();
            }
        }
        RC_ASSERT(r.size() == model.size());
        RC_ASSERT(r.readable() == !model.empty());
    }
}

// Two producers and two consumers: every value arrives once, and each consumer sees each producer's in order.
TEST(Ring, LosesAndRepeatsNothingBetweenThreads) {
    constexpr std::uint64_t per_producer = 50'000;
    ring<std::uint64_t> r{64};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> sum{0};
    std::atomic<bool> ordered{true};
    const auto produce = [&](std::uint64_t who) {
        for (std::uint64_t i = 1; i <= per_producer; ++i)
            while (!r.try_push((who << 32) | i))
                std::this_thread::yield();
    };
    const auto consume = [&] {
        std::uint64_t last[2] = {0, 0};
        std::uint64_t value = 0;
        while (taken.load() < 2 * per_producer) {
            if (!r.try_pop(value)) {
                std::this_thread::yield();
                continue;
            }
            taken.fetch_add(1);
            const auto number = value & 0xffffffffU;
            if (number <= last[value >> 32]) ordered = false;
            last[value >> 32] = number;
            sum.fetch_add(number);
        }
    };
    std::vector<std::thread> threads;
    threads.emplace_back(produce, 0);
    threads.emplace_back(produce, 1);
    threads.emplace_back(consume);
    threads.emplace_back(consume);
    for (auto& t : threads)
        t.join();
    EXPECT_TRUE(ordered);
    EXPECT_EQ(sum.load(), per_producer * (per_producer + 1));
}

} // namespace
