#include <weir/base/block_pool.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace weir {
namespace {

bytes slice_of(block* b) {
    return {b, b->data, 10};
} // takes the reference over

TEST(block_pool, hands_out_blocks_of_64_kib_and_uses_them_again) {
    block_pool pool{4};
    block* first = pool.try_take();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->capacity, block_pool::block_size);
    EXPECT_EQ(pool.stats().in_use, 1u);
    first->drop();
    EXPECT_EQ(pool.stats().in_use, 0u);
    EXPECT_EQ(pool.stats().idle, 1u);
    block* second = pool.try_take();
    EXPECT_EQ(second, first);
    EXPECT_EQ(second->references.load(), 1u);
    second->drop();
    EXPECT_EQ(pool.stats().taken, 2u);
}

TEST(block_pool, reports_exhaustion_at_its_bound) {
    block_pool pool{2};
    const auto a = slice_of(pool.try_take());
    auto b = slice_of(pool.try_take());
    EXPECT_EQ(pool.try_take(), nullptr);
    EXPECT_EQ(pool.stats().exhausted, 1u);
    b = bytes{};
    block* again = pool.try_take();
    ASSERT_NE(again, nullptr);
    again->drop();
}

TEST(block_pool, take_falls_back_to_a_small_block) {
    block_pool pool{1};
    const auto held = slice_of(pool.take());
    block* small = pool.take();
    ASSERT_NE(small, nullptr);
    EXPECT_EQ(small->capacity, block_pool::overflow_size);
    EXPECT_EQ(pool.stats().overflow_in_use, 1u);
    EXPECT_EQ(pool.stats().exhausted, 1u);
    small->drop();
    EXPECT_EQ(pool.stats().overflow_in_use, 0u);
    EXPECT_EQ(pool.stats().idle, 0u);
}

TEST(block_pool, a_block_is_back_only_when_its_last_slice_is_gone) {
    block_pool pool{1};
    auto whole = slice_of(pool.take());
    auto part = whole.slice(2, 3);
    whole = bytes{};
    EXPECT_EQ(pool.stats().in_use, 1u);
    part = bytes{};
    EXPECT_EQ(pool.stats().in_use, 0u);
}

TEST(block_pool, has_room_for_one_at_least) {
    block_pool pool{0};
    block* b = pool.try_take();
    ASSERT_NE(b, nullptr);
    b->drop();
}

TEST(block_pool, slices_outlive_it) {
    auto pool = std::make_unique<block_pool>(1);
    auto pooled = slice_of(pool->take());
    auto overflow = slice_of(pool->take());
    pool.reset();
    EXPECT_EQ(pooled.size(), 10u); // the memory is still there; a sanitizer would say if not
    pooled = bytes{};
    overflow = bytes{};
}

TEST(block_pool, blocks_come_back_from_any_thread) {
    constexpr int rounds = 2'000;
    block_pool pool{8};
    for (int i = 0; i < rounds; i += 100) {
        std::vector<bytes> slices;
        for (int k = 0; k < 100; ++k)
            slices.push_back(slice_of(pool.take()));
        std::thread a{
            [half = std::vector<bytes>(slices.begin(), slices.begin() + 50)]() mutable { half.clear(); }};
        std::thread b{[all = std::move(slices)]() mutable { all.clear(); }};
        a.join();
        b.join();
    }
    EXPECT_EQ(pool.stats().in_use, 0u);
    EXPECT_EQ(pool.stats().overflow_in_use, 0u);
    EXPECT_EQ(pool.stats().idle, 8u);
    EXPECT_EQ(pool.stats().taken + pool.stats().exhausted, static_cast<std::uint64_t>(rounds));
}

} // namespace
} // namespace weir
