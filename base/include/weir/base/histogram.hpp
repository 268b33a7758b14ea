#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weir {

/// Counts values in buckets that are at most 3.2 % wide, over the whole range of 64 bits and in a fixed 15
/// KiB.
///
/// Thread-safe: `record` is lock-free and wait-free, readers see every value recorded before they began and
/// perhaps some of those recorded meanwhile. The unit is the user's; microseconds suit latencies.
class histogram {
  public:
    void record(std::uint64_t value) noexcept {
        buckets_[index_of(value)].fetch_add(1, std::memory_order_relaxed);
        auto seen = max_.load(std::memory_order_relaxed);
        while (value > seen && !max_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
        }
    }

    /// The value at or below which `percent` (0..100) of all values lie: the upper end of its bucket, never
    /// more than `max()`. 0 when nothing was recorded.
    [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept;

    [[nodiscard]] std::uint64_t max() const noexcept { return max_.load(std::memory_order_relaxed); }

  private:
    // Values below 64 have a bucket each; above, every power of two is divided into 32 of equal width.
    static constexpr unsigned sub_bits = 5;
    static constexpr std::size_t bucket_count = (64 - sub_bits + 1) << sub_bits;

    [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept {
        const auto width = static_cast<unsigned>(std::bit_width(value));
        if (width <= sub_bits + 1) return static_cast<std::size_t>(value);
        const unsigned shift = width - sub_bits - 1;
        return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
    }

    [[nodiscard]] static std::uint64_t upper_end(std::size_t index) noexcept;

    std::array<std::atomic<std::uint64_t>, bucket_count> buckets_{};
    std::atomic<std::uint64_t> max_{0};
};

} // namespace weir
