#pragma once

#include <weir/base/time.hpp>

#include <cstddef>

namespace weir::pipeline {

/// Chooses how many messages a batch should hold so that handling it takes about as long as wanted.
///
/// Each observation moves the size half the way to what the time of that batch suggests, and to between half
/// of it and its double at most: one odd batch cannot upset it. Where a batch takes a + b x size, with any
/// a, b >= 0, it converges without oscillating. Not thread-safe.
class batch_sizer {
  public:
    struct limits {
        std::size_t min_size{1};
        std::size_t max_size{1};
        duration target{};
    };

    batch_sizer(std::size_t first, const limits& l) noexcept;

    /// A batch of that many messages took that long.
    void observe(std::size_t messages, duration took) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    limits limits_;
    std::size_t size_;
};

} // namespace weir::pipeline
