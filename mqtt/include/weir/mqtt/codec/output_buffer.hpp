#pragma once

#include <weir/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace weir::mqtt {

/// Bytes waiting to be written: small packets are copied one behind the other, a large payload is kept as a
/// slice between them, so that one gather write sends all that is ready.
class output_buffer {
  public:
    /// Slices from this size on are referenced instead of copied.
    static constexpr std::size_t share_threshold = 4096;

    /// Adds `count` bytes for the caller to fill before the next call.
    [[nodiscard]] std::byte* extend(std::size_t count) {
        if (capacity_ - used_ < count || pieces_.empty() || !pieces_.back().shared.empty()) prepare(count);
        std::byte* begin = copied_.get() + used_;
        used_ += count;
        size_ += count;
        pieces_.back().end = used_;
        return begin;
    }

    void append(std::string_view text);
    void append_byte(std::uint8_t value);
    void append_u16(std::uint16_t value);
    void append_u32(std::uint32_t value);

    /// Copies a small slice, shares a large one.
    void append(const bytes& slice);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// What is waiting, in order; valid until the next change.
    [[nodiscard]] const std::vector<std::span<const std::byte>>& segments() const;

    /// Keeps the memory for the next round, but for a rare burst.
    void clear() noexcept;

    /// As `clear`, and gives all memory back.
    void release() noexcept;
    void swap(output_buffer& other) noexcept;

  private:
    /// A stretch of `copied_`, or a shared slice.
    struct piece {
        std::size_t begin{0};
        std::size_t end{0};
        bytes shared{};
    };

    /// Makes room for `count` bytes in `copied_` and sees that the last piece is one of it.
    void prepare(std::size_t count);

    std::unique_ptr<std::byte[]> copied_; ///< a vector would write zeros first
    std::size_t capacity_{0};
    std::size_t used_{0};
    std::vector<piece> pieces_;
    mutable std::vector<std::span<const std::byte>> segments_;
    std::size_t size_{0};
};

} // namespace weir::mqtt
