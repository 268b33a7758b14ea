#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::mqtt {

/// Variable Byte Integers [MQTT 5.0, 1.5.5].
inline constexpr std::uint32_t max_varint = 268'435'455;

/// Bytes that `value` takes; `value` is at most `max_varint`.
[[nodiscard]] constexpr std::size_t varint_size(std::uint32_t value) noexcept {
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

struct varint {
    enum class status : std::uint8_t { complete, incomplete, too_long };

    status state{status::incomplete};
    std::uint32_t value{0};
    std::uint8_t size{0}; ///< bytes read
    bool minimal{true};   ///< no shorter form of the same value exists
};

/// Reads one from the beginning of `data`; what follows it is not looked at. Four bytes that all announce
/// another one are too long whatever comes next.
[[nodiscard]] constexpr varint read_varint(std::span<const std::byte> data) noexcept {
    varint v;
    for (const std::byte b : data.first(data.size() < 4 ? data.size() : 4)) {
        const auto octet = static_cast<std::uint32_t>(b);
        v.value |= (octet & 0x7F) << (7 * v.size);
        ++v.size;
        if ((octet & 0x80) == 0) {
            v.minimal = v.size == varint_size(v.value);
            v.state = varint::status::complete;
            return v;
        }
    }
    if (v.size == 4) v.state = varint::status::too_long;
    return v;
}

} // namespace weir::mqtt
