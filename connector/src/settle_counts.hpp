#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir::connector {

/// What one call of `settle` adds up before it touches anything shared.
struct settle_counts {
    std::uint64_t succeeded{0};
    std::uint64_t failed{0};
    std::uint64_t lost{0}; ///< QoS 0 messages without a verdict, or with a bad one
    std::uint64_t acked_failed{0};
    std::uint64_t rejected{0};
    std::uint64_t dead_lettered{0};
    std::uint64_t held{0};
    std::uint64_t dropped{0}; ///< by the decoder; among the succeeded
};

/// The sums over all calls. Thread-safe.
class settle_totals {
  public:
    void add(const settle_counts& c) noexcept {
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (const auto n = c.*fields[i]; n != 0) sums_[i].fetch_add(n, std::memory_order_relaxed);
    }

    [[nodiscard]] settle_counts get() const noexcept {
        settle_counts all;
        for (std::size_t i = 0; i < fields.size(); ++i)
            all.*fields[i] = sums_[i].load(std::memory_order_relaxed);
        return all;
    }

  private:
    using counts = settle_counts;
    static constexpr std::array fields{&counts::succeeded,    &counts::failed,   &counts::lost,
                                       &counts::acked_failed, &counts::rejected, &counts::dead_lettered,
                                       &counts::held,         &counts::dropped};
    std::array<std::atomic<std::uint64_t>, fields.size()> sums_{};
};

} // namespace weir::connector
