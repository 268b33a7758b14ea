#include <weir/base/counters.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

enum class sums : std::uint8_t { apples, pears, count_ };

TEST(Counters, AddUpTheirLanes) {
    weir::counters<sums> c{3};
    c.add(0, sums::apples, 1);
    c.add(2, sums::apples, 5);
    c.add(1, sums::pears, 7);
    EXPECT_EQ(c.sum(sums::apples), 6U);
    EXPECT_EQ(c.sum(sums::pears), 7U);
    EXPECT_EQ(c.of(2, sums::apples), 5U);
    EXPECT_EQ(c.of(2, sums::pears), 0U);
}

TEST(Counters, TakeAdditionsFromSeveralThreads) {
    weir::counters<sums> c{2};
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < 2; ++lane)
        threads.emplace_back([&c, lane] {
            for (int i = 0; i < 10'000; ++i)
                c.add(lane, sums::pears, 2);
        });
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(c.sum(sums::pears), 40'000U);
}

} // namespace
