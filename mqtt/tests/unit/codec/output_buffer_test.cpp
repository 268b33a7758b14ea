#include "../support/hex.hpp"

#include <weir/mqtt/codec/output_buffer.hpp>

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

TEST(output_buffer, small_things_become_one_segment) {
    output_buffer out;
    out.append_byte(0x30);
    out.append_u16(0x0102);
    out.append_u32(0x03040506);
    out.append("text");
    out.append(bytes::copy(std::string_view("slice")));
    ASSERT_EQ(out.segments().size(), 1u);
    EXPECT_EQ(test::content(out), test::raw("30 0102 03040506 'textslice'"));
    EXPECT_EQ(out.size(), 16u);
}

TEST(output_buffer, a_large_slice_stands_between_copied_ones_by_reference) {
    const auto large = bytes::copy(std::string(output_buffer::share_threshold, 'L'));
    output_buffer out;
    out.append("before");
    out.append(large);
    out.append(large);
    out.append("after");
    ASSERT_EQ(out.segments().size(), 4u);
    EXPECT_EQ(out.segments()[1].data(), large.data());
    EXPECT_EQ(out.segments()[2].data(), large.data());
    EXPECT_EQ(test::content(out), "before" + std::string(8192, 'L') + "after");
    EXPECT_EQ(out.size(), 8192u + 11u);
}

TEST(output_buffer, holds_the_slice_until_it_is_cleared) {
    output_buffer out;
    out.append(bytes::copy(std::string(5000, 'x')));
    EXPECT_EQ(test::content(out), std::string(5000, 'x'));
    out.clear();
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(out.segments().empty());
}

TEST(output_buffer, swap_exchanges_everything) {
    output_buffer a;
    output_buffer b;
    a.append("a");
    b.append(bytes::copy(std::string(5000, 'b')));
    a.swap(b);
    EXPECT_EQ(test::content(b), "a");
    EXPECT_EQ(test::content(a), std::string(5000, 'b'));
    EXPECT_EQ(b.size(), 1u);
}

TEST(output_buffer, is_of_use_again_after_a_release) {
    output_buffer out;
    out.append("text");
    out.append(bytes::copy(std::string(5000, 'x')));
    out.release();
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(out.segments().empty());
    out.append("y");
    EXPECT_EQ(test::content(out), "y");
}

TEST(output_buffer, is_of_use_again_after_a_burst) {
    output_buffer out;
    for (int i = 0; i < 100'000; ++i)
        out.append("0123456789");
    EXPECT_EQ(out.size(), 1'000'000u);
    out.clear();
    out.append("x");
    EXPECT_EQ(test::content(out), "x");
}

} // namespace
} // namespace weir::mqtt
