#pragma once

#include <atomic>
#include <cstdint>

namespace weir::connector {

/// What one call of `settle` adds up before it touches anything shared.
struct settle_counts {
    std::uint64_t succeeded{0};
    std::uint64_t failed{0};
    std::uint64_t lost{0}; ///< QoS 0 messages without a verdict, or with a bad one
};

/// The sums over all calls. Thread-safe.
class settle_totals {
  public:
    void add(const settle_counts& c) noexcept {
        if (c.succeeded != 0) succeeded_.fetch_add(c.succeeded, std::memory_order_relaxed);
        if (c.failed != 0) failed_.fetch_add(c.failed, std::memory_order_relaxed);
        if (c.lost != 0) lost_.fetch_add(c.lost, std::memory_order_relaxed);
    }

    [[nodiscard]] settle_counts get() const noexcept {
        return {
            .succeeded = succeeded_.load(std::memory_order_relaxed),
            .failed = failed_.load(std::memory_order_relaxed),
            .lost = lost_.load(std::memory_order_relaxed)};
    }

  private:
    std::atomic<std::uint64_t> succeeded_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> lost_{0};
};

} // namespace weir::connector
