#pragma once

#include "codec/varint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// Adds up what a `writer` would write; the two are given to the same templates, so that a packet is
/// described once and its size always agrees. It is also where lengths that have no encoding are found out,
/// before a byte is written.
class size_counter {
  public:
    void u8(std::uint8_t) noexcept { ++size_; }

    void u16(std::uint16_t) noexcept { size_ += 2; }

    void u32(std::uint32_t) noexcept { size_ += 4; }

    void variable(std::uint32_t value) {
        if (value > max_varint)
            throw std::length_error(
                "a Variable Byte Integer holds at most 268435455, got " + std::to_string(value));
        size_ += varint_size(value);
    }

    /// A length of two bytes and the content: strings and binary data.
    void binary(std::string_view content) {
        if (content.size() > 65'535)
            throw std::length_error(
                "a field holds at most 65535 bytes, got " + std::to_string(content.size()));
        size_ += 2 + content.size();
    }

    void raw(std::string_view content) noexcept { size_ += content.size(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    std::size_t size_{0};
};

/// Writes the primitives of the protocol [MQTT 5.0, 1.5] into memory that a `size_counter` measured.
class writer {
  public:
    explicit writer(std::byte* out) noexcept
        : out_(out) {}

    void u8(std::uint8_t value) noexcept { *out_++ = static_cast<std::byte>(value); }

    void u16(std::uint16_t value) noexcept {
        u8(static_cast<std::uint8_t>(value >> 8));
        u8(static_cast<std::uint8_t>(value));
    }

    void u32(std::uint32_t value) noexcept {
        u16(static_cast<std::uint16_t>(value >> 16));
        u16(static_cast<std::uint16_t>(value));
    }

    void variable(std::uint32_t value) noexcept {
        for (; value >= 128; value >>= 7)
            u8(static_cast<std::uint8_t>(value | 0x80));
        u8(static_cast<std::uint8_t>(value));
    }

    void binary(std::string_view content) noexcept {
        u16(static_cast<std::uint16_t>(content.size()));
        raw(content);
    }

    void raw(std::string_view content) noexcept {
        if (content.empty()) return;
        std::memcpy(out_, content.data(), content.size());
        out_ += content.size();
    }

  private:
    std::byte* out_;
};

} // namespace weir::mqtt
