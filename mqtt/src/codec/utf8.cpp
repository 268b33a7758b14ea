#include "codec/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace weir::mqtt {
namespace {

using byte_pointer = const unsigned char*;

bool is_continuation(unsigned char c) noexcept {
    return (c & 0xC0) == 0x80;
}

/// Whether the eight bytes at `p` are all 0x01..0x7F, the case of nearly every topic.
bool is_plain_word(byte_pointer p) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = 0x8080808080808080;
    // Exact for words without a high bit: subtracting one borrows into the high bit of a zero byte only.
    return (word & highs) == 0 && ((word - ones) & highs) == 0;
}

/// Length of the well-formed multi-byte character at `p`, or 0. The ranges of the second byte shut out
/// overlong forms, surrogates and what lies beyond U+10FFFF (table 3-7 of the Unicode standard).
std::size_t character_length(byte_pointer p, std::size_t left) noexcept {
    const unsigned char lead = p[0];
    if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && is_continuation(p[1]) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (left < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
        if (lead == 0xE0 && p[1] < 0xA0) return 0;
        if (lead == 0xED && p[1] > 0x9F) return 0;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (left < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) return 0;
        if (lead == 0xF0 && p[1] < 0x90) return 0;
        if (lead == 0xF4 && p[1] > 0x8F) return 0;
        return 4;
    }
    return 0;
}

} // namespace

bool is_utf8_string(std::string_view text) noexcept {
    auto p = reinterpret_cast<byte_pointer>(text.data());
    const auto* const end = p + text.size();
    while (p != end) {
        if (end - p >= 8 && is_plain_word(p)) {
            p += 8;
            continue;
        }
        if (*p < 0x80) {
            if (*p == 0) return false;
            ++p;
            continue;
        }
        const auto length = character_length(p, static_cast<std::size_t>(end - p));
        if (length == 0) return false;
        p += length;
    }
    return true;
}

} // namespace weir::mqtt
