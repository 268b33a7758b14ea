#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// Durations in nanoseconds, in buckets that are 1/32 of their value wide.
class latency_histogram {
  public:
    void add(std::uint64_t ns, std::uint64_t times) noexcept {
        buckets_[bucket_of(ns)] += times;
        total_ += times;
    }

    /// The value that the share `q` of all does not exceed; 0 when there is none.
    [[nodiscard]] double percentile_us(double q) const noexcept {
        const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > rank) return static_cast<double>(floor_of(i)) / 1e3;
        }
        return 0;
    }

  private:
    static constexpr unsigned precision = 5;

    static std::size_t bucket_of(std::uint64_t ns) noexcept {
        if (ns < (1U << precision)) return ns;
        const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - precision;
        return (std::size_t{shift + 1} << precision) + ((ns >> shift) & ((1U << precision) - 1));
    }

    static std::uint64_t floor_of(std::size_t bucket) noexcept {
        if (bucket < (1U << precision)) return bucket;
        const auto shift = (bucket >> precision) - 1;
        return ((1U << precision) + (bucket & ((1U << precision) - 1))) << shift;
    }

    std::array<std::uint64_t, (64 - precision + 1) << precision> buckets_{};
    std::uint64_t total_{0};
};

} // namespace weir::bench
