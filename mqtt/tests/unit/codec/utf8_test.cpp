#include "../support/hex.hpp"
#include "codec/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace weir::mqtt {
namespace {

using test::raw;

/// The encoding of a scalar value by the definition of UTF-8; of surrogates too, which is then not
/// well-formed.
std::string encode_scalar(std::uint32_t c) {
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(utf8, accepts_every_scalar_value_but_zero) {
    for (std::uint32_t c = 1; c <= 0x10FFFF; ++c) {
        const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        ASSERT_EQ(is_utf8_string(encode_scalar(c)), !surrogate) << std::hex << c;
    }
    EXPECT_FALSE(is_utf8_string(std::string(1, '\0')));
    EXPECT_FALSE(is_utf8_string(encode_scalar(0x110000)));
}

TEST(utf8, accepts_the_empty_string_and_a_leading_byte_order_mark) {
    EXPECT_TRUE(is_utf8_string(""));
    EXPECT_TRUE(is_utf8_string(raw("EFBBBF 'a'")));
}

TEST(utf8, refuses_overlong_forms) {
    for (const char* hex : {"C080", "C1BF", "E08080", "E09FBF", "F0808080", "F08FBFBF"})
        EXPECT_FALSE(is_utf8_string(raw(hex))) << hex;
}

TEST(utf8, refuses_what_is_cut_short_or_out_of_place) {
    for (const char* hex :
         {"80", "BF", "C2", "E282", "F09D84", "C2 'a'", "E2 82 'a'", "F09D84 'a'", "C2C2A9", "F5808080", "FE",
          "FF"})
        EXPECT_FALSE(is_utf8_string(raw(hex))) << hex;
}

TEST(utf8, finds_a_fault_at_any_position_of_a_long_string) {
    for (std::size_t length = 1; length < 40; ++length)
        for (std::size_t at = 0; at < length; ++at)
            for (const char bad : {'\0', '\x80', '\xFF'}) {
                std::string text(length, '\x7F');
                EXPECT_TRUE(is_utf8_string(text));
                text[at] = bad;
                EXPECT_FALSE(is_utf8_string(text)) << length << " " << at;
            }
}

} // namespace
} // namespace weir::mqtt
