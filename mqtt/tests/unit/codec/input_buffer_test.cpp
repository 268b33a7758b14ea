#include <weir/base/read_blocks.hpp>
#include <weir/mqtt/codec/input_buffer.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace weir::mqtt {
namespace {

bytes b(std::string_view text) {
    return bytes::copy(text);
}

std::string_view text(std::span<const std::byte> s) {
    return {reinterpret_cast<const char*>(s.data()), s.size()};
}

TEST(input_buffer, shares_what_lies_in_one_block) {
    const auto chunk = b("hello world");
    input_buffer in;
    in.feed(chunk);
    ASSERT_TRUE(in.gather(5));
    EXPECT_EQ(in.slice(0, 5).data(), chunk.data());
    in.consume(6);
    EXPECT_EQ(text(in.front()), "world");
    EXPECT_EQ(in.slice(0, 5).data(), chunk.data() + 6);
    EXPECT_EQ(in.bytes_moved(), 0u);
    in.consume(5);
    EXPECT_EQ(in.size(), 0u);
}

TEST(input_buffer, two_reads_into_one_block_are_one_piece) {
    block_pool pool{1};
    read_blocks blocks{pool};
    input_buffer in;
    for (const std::string_view part : {"hel", "lo"}) {
        std::memcpy(blocks.space().data(), part.data(), part.size());
        in.feed(blocks.commit(part.size()));
        if (part == "hel") {
            EXPECT_FALSE(in.gather(5));
        }
    }
    ASSERT_TRUE(in.gather(5));
    EXPECT_EQ(text(in.front()), "hello");
    EXPECT_EQ(in.bytes_moved(), 0u);
}

TEST(input_buffer, moves_a_stretch_across_blocks_and_nothing_behind_it) {
    const auto second = b("lo world");
    input_buffer in;
    in.feed(b("hel"));
    in.feed(second);
    ASSERT_TRUE(in.gather(5));
    EXPECT_EQ(text(in.front()), "hello");
    EXPECT_EQ(in.bytes_moved(), 5u);
    in.consume(5);
    EXPECT_EQ(in.slice(0, 6).data(), second.data() + 2);
    EXPECT_EQ(text(in.front()), " world");
}

TEST(input_buffer, keeps_slices_alive_after_they_are_consumed) {
    bytes kept;
    {
        input_buffer in;
        in.feed(b("he"));
        in.feed(b("llo"));
        ASSERT_TRUE(in.gather(5));
        kept = in.slice(1, 3);
        in.consume(5);
    }
    EXPECT_EQ(kept, "ell");
}

TEST(input_buffer, bytes_one_by_one_cost_no_more_than_a_few_moves_each) {
    constexpr std::size_t size = 1'000'000;
    input_buffer in;
    for (std::size_t i = 0; i < size; ++i) {
        in.feed(b(std::string(1, static_cast<char>('a' + i % 26))));
        ASSERT_EQ(in.gather(size), i + 1 == size);
    }
    EXPECT_EQ(text(in.front())[size - 1], static_cast<char>('a' + (size - 1) % 26));
    EXPECT_LE(in.bytes_moved(), 3 * size);
}

TEST(input_buffer, memory_follows_what_arrived_not_what_is_wanted) {
    input_buffer in;
    in.feed(b("x"));
    in.feed(b("y"));
    EXPECT_FALSE(in.gather(std::size_t{1} << 60)); // would throw if it were allocated
    EXPECT_EQ(text(in.front()), "xy");
}

TEST(input_buffer, a_longer_stretch_may_be_wanted_after_a_shorter_one) {
    input_buffer in;
    for (const char* part : {"a", "b", "c", "d"})
        in.feed(b(part));
    ASSERT_TRUE(in.gather(2));
    ASSERT_TRUE(in.gather(4));
    EXPECT_EQ(text(in.front()), "abcd");
}

TEST(input_buffer, clear_forgets_a_partial_stretch) {
    input_buffer in;
    in.feed(b("a"));
    in.feed(b("b"));
    EXPECT_FALSE(in.gather(3));
    in.clear();
    EXPECT_EQ(in.size(), 0u);
    in.feed(b("c"));
    EXPECT_EQ(text(in.front()), "c");
}

TEST(input_buffer, an_empty_chunk_changes_nothing) {
    input_buffer in;
    in.feed(bytes{});
    in.feed(b("a"));
    in.feed(bytes{});
    EXPECT_EQ(in.size(), 1u);
    EXPECT_EQ(text(in.front()), "a");
}

} // namespace
} // namespace weir::mqtt
