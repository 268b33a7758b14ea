#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/slicer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

namespace weir::mqtt {

/// Bytes that were read and not yet taken. What lies in one block is used where it lies; a stretch across
/// blocks is moved into a block of its own, each byte a constant number of times however it arrives, and
/// never into more memory than twice what has arrived. Not thread-safe.
class input_buffer {
  public:
    void feed(bytes chunk);

    /// Forgets everything.
    void clear() noexcept;

    /// All bytes fed and not consumed.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The longest beginning that lies in one piece.
    [[nodiscard]] std::span<const std::byte> front() const noexcept {
        return front_.whole().span().subspan(position_);
    }

    /// Makes `front()` at least `count` bytes long; false while fewer than that have been fed.
    [[nodiscard]] bool gather(std::size_t count) { return front().size() >= count || gather_slowly(count); }

    /// A part of `front()` that shares its memory. An empty one holds on to nothing.
    [[nodiscard]] bytes slice(std::size_t offset, std::size_t count) noexcept {
        return front_.slice(position_ + offset, count);
    }

    /// Lets go of the first `count` bytes of `front()`.
    void consume(std::size_t count) noexcept;

    /// Bytes copied so far because they did not lie in one block.
    [[nodiscard]] std::uint64_t bytes_moved() const noexcept { return moved_; }

  private:
    [[nodiscard]] bool gather_slowly(std::size_t count);
    void reserve(std::size_t wanted, std::size_t arriving);
    void move_to_own(std::size_t count);
    void drop_used_up_front() noexcept;

    slicer front_;
    std::size_t position_{0}; ///< of `front_`, consumed
    std::deque<bytes> rest_;
    block* own_{nullptr}; ///< the block `front_` lies in while that is ours to append to
    std::size_t size_{0};
    std::uint64_t moved_{0};
};

} // namespace weir::mqtt
