#include <weir/mqtt/testing/hex.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace weir::mqtt::testing {
namespace {

TEST(from_hex, reads_pairs_words_and_comments) {
    EXPECT_EQ(from_hex("30 03 (length) 00\n01 \"t\""), std::string("\x30\x03\x00\x01t", 5));
    EXPECT_EQ(from_hex("aBcD"), "\xAB\xCD");
    EXPECT_EQ(from_hex(""), "");
}

TEST(from_hex, refuses_what_is_not_hex) {
    for (const auto* bad : {"3", "3 0", "xy", "\"open", "(open", "30 0"})
        EXPECT_THROW((void)from_hex(bad), std::invalid_argument) << bad;
}

TEST(to_hex, writes_pairs_and_counts_what_is_left_out) {
    EXPECT_EQ(to_hex("\x01\xFE"), "01 FE");
    EXPECT_EQ(to_hex("abcd", 2), "61 62 and 2 bytes more");
}

} // namespace
} // namespace weir::mqtt::testing
