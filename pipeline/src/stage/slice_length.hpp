#pragma once

#include <weir/base/time.hpp>

#include <cstddef>

namespace weir::pipeline {

/// How many messages of a chunk to handle before those are settled and sent on: all of them as long as
/// handling is quick, few or single ones when it is slow, so that what is done does not wait for what is not.
/// Time is taken of one chunk in a while only, or, once handling is slow, of each slice. Not thread-safe.
class slice_length {
  public:
    /// How many of the next `count` messages belong together; at least one of them.
    [[nodiscard]] std::size_t of(std::size_t count) const noexcept {
        return count < length_ ? count : length_;
    }

    /// Whether the time of the next `count` messages, handled together, is worth knowing.
    [[nodiscard]] bool measures(std::size_t count) noexcept;

    /// Handling `count` messages took that long.
    void took(std::size_t count, duration time) noexcept;

  private:
    static constexpr std::size_t whole = static_cast<std::size_t>(-1);

    std::size_t length_{whole};
    unsigned chunks_{0}; // since the last measurement
};

} // namespace weir::pipeline
