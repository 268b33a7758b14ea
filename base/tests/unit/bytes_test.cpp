#include <weir/base/bytes.hpp>

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace weir {
namespace {

using namespace std::string_view_literals;

TEST(bytes, copy_is_independent_of_its_source) {
    std::string source = "hello";
    const auto copy = bytes::copy(source);
    source[0] = 'J';
    EXPECT_EQ(copy, "hello");
    EXPECT_TRUE(bytes::copy(""sv).empty());
}

TEST(bytes, slices_share_and_outlive_the_whole) {
    bytes part;
    {
        const auto whole = bytes::copy("hello world"sv);
        part = whole.slice(6, 5);
        EXPECT_EQ(part.data(), whole.data() + 6);
    }
    EXPECT_EQ(part, "world");
}

TEST(bytes, moving_leaves_nothing_behind) {
    auto a = bytes::copy("a"sv);
    const auto b = std::move(a);
    EXPECT_EQ(b, "a");
    EXPECT_TRUE(a.empty()); // NOLINT(bugprone-use-after-move): that is the question
    auto c = b;
    c = c.slice(0, 1); // from itself
    EXPECT_EQ(c, "a");
}

TEST(bytes, equality_is_of_content) {
    EXPECT_TRUE(bytes::copy("x"sv) == bytes::over_static("x"));
    EXPECT_FALSE(bytes::copy("x"sv) == bytes::copy("xy"sv));
    EXPECT_TRUE(bytes{} == ""sv);
}

TEST(bytes, extend_joins_neighbours_of_one_block_only) {
    const auto whole = bytes::copy("abcdef"sv);
    auto head = whole.slice(0, 2);
    EXPECT_FALSE(head.extend(whole.slice(3, 1)));
    EXPECT_FALSE(head.extend(bytes::copy("c"sv)));
    EXPECT_EQ(head, "ab");
    EXPECT_TRUE(head.extend(whole.slice(2, 2)));
    EXPECT_EQ(head, "abcd");
    bytes none;
    EXPECT_FALSE(none.extend(bytes{}));
}

TEST(make_block, gives_a_block_of_that_size_with_one_reference) {
    block* b = make_block(100);
    EXPECT_EQ(b->capacity, 100u);
    EXPECT_EQ(b->references.load(), 1u);
    b->data[99] = std::byte{1};
    b->drop();
}

} // namespace
} // namespace weir
