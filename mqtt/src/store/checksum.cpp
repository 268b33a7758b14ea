#include "store/checksum.hpp"

#include <array>
#include <cstddef>

namespace weir::mqtt {
namespace {

using table = std::array<std::array<std::uint32_t, 256>, 4>;

/// Row 0 is the remainder of each byte, row n that of the byte with n zeros behind it.
constexpr table make_table() {
    table t{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit)
            rest = (rest & 1u) != 0 ? rest >> 1 ^ 0xEDB8'8320u : rest >> 1;
        t[0][byte] = rest;
    }
    for (std::uint32_t byte = 0; byte < 256; ++byte)
        for (std::size_t row = 1; row < t.size(); ++row)
            t[row][byte] = t[row - 1][byte] >> 8 ^ t[0][t[row - 1][byte] & 0xFF];
    return t;
}

constexpr table remainders = make_table();

constexpr std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

} // namespace

checksum& checksum::add(std::string_view piece) noexcept {
    std::uint32_t state = state_;
    while (piece.size() >= 4) {
        state ^=
            byte_at(piece, 0) | byte_at(piece, 1) << 8 | byte_at(piece, 2) << 16 | byte_at(piece, 3) << 24;
        state = remainders[3][state & 0xFF] ^ remainders[2][state >> 8 & 0xFF] ^
                remainders[1][state >> 16 & 0xFF] ^ remainders[0][state >> 24];
        piece.remove_prefix(4);
    }
    for (const char c : piece)
        state = state >> 8 ^ remainders[0][(state ^ static_cast<unsigned char>(c)) & 0xFF];
    state_ = state;
    return *this;
}

checksum& checksum::add(std::uint64_t number) noexcept {
    char encoded[8];
    for (unsigned i = 0; i < sizeof encoded; ++i)
        encoded[i] = static_cast<char>(number >> (8 * i));
    return add({encoded, sizeof encoded});
}

} // namespace weir::mqtt
