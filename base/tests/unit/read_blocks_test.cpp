#include <weir/base/read_blocks.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

namespace weir {
namespace {

/// A read of `count` bytes whose content does not matter.
bytes read(read_blocks& blocks, std::size_t count) {
    EXPECT_GE(blocks.space().size(), count);
    return blocks.commit(count);
}

bytes read(read_blocks& blocks, std::string_view what) {
    const auto room = blocks.space();
    std::memcpy(room.data(), what.data(), what.size());
    return blocks.commit(what.size());
}

TEST(read_blocks, reads_lie_behind_each_other_while_slices_live) {
    block_pool pool{1};
    read_blocks blocks{pool};
    auto first = read(blocks, "hel");
    const auto second = read(blocks, "lo");
    EXPECT_EQ(second.data(), first.data() + 3);
    EXPECT_TRUE(first.extend(second));
    EXPECT_EQ(first, "hello");
}

TEST(read_blocks, a_block_nobody_else_holds_is_filled_from_its_start_again) {
    block_pool pool{1};
    read_blocks blocks{pool};
    const auto* begin = blocks.space().data();
    for (int i = 0; i < 10'000; ++i)
        EXPECT_EQ(read(blocks, "some message of some length").data(), begin);
    EXPECT_EQ(pool.stats().taken, 1u);
}

TEST(read_blocks, takes_the_next_block_when_little_room_is_left) {
    block_pool pool{2};
    read_blocks blocks{pool};
    const auto held = read(blocks, block_pool::block_size - 100);
    const auto room = blocks.space();
    EXPECT_EQ(room.size(), block_pool::block_size);
    EXPECT_EQ(pool.stats().in_use, 2u);
}

TEST(read_blocks, goes_on_in_small_blocks_when_the_pool_is_empty) {
    block_pool pool{1};
    read_blocks blocks{pool};
    const auto held = read(blocks, block_pool::block_size);
    EXPECT_EQ(blocks.space().size(), block_pool::overflow_size);
    EXPECT_EQ(read(blocks, "goes on"), "goes on");
}

TEST(read_blocks, release_gives_the_block_back) {
    block_pool pool{1};
    read_blocks blocks{pool};
    const auto held = read(blocks, "held");
    blocks.release();
    EXPECT_EQ(pool.stats().in_use, 1u); // by the slice
    EXPECT_EQ(held, "held");
}

TEST(read_blocks, low_mem_takes_a_block_for_each_read_as_large_as_what_is_expected) {
    block_pool pool{1};
    read_blocks blocks{pool};
    blocks.set_low_mem();
    EXPECT_EQ(blocks.space(5'000).size(), 5'000u);
    const auto first = read(blocks, "first");
    EXPECT_EQ(blocks.space(0).size(), 1'024u);
    const auto second = read(blocks, "second");
    EXPECT_EQ(blocks.space(1u << 30).size(), block_pool::block_size);
    EXPECT_TRUE(blocks.commit(0).empty());
    EXPECT_EQ(blocks.space(0).size(), 1'024u) << "nothing read, nothing kept";
    EXPECT_EQ(first, "first");
    EXPECT_EQ(second, "second");
    EXPECT_EQ(pool.stats().taken, 0u);
}

TEST(read_blocks, a_read_of_nothing_is_an_empty_slice) {
    block_pool pool{1};
    read_blocks blocks{pool};
    EXPECT_TRUE(read(blocks, std::size_t{0}).empty());
}

} // namespace
} // namespace weir
