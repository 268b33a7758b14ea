#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace weir {

/// Sums that many threads add to and few read: every lane has cache lines of its own, the reader adds them
/// up. `Name` is an enum whose last enumerator is `count_`.
///
/// Thread-safe. Operations are sequentially consistent, which costs an addition nothing on the usual
/// processors: a thread that raises a flag and then sums misses no addition of a thread that adds and then
/// sees no flag.
template <class Name>
class counters {
  public:
    explicit counters(std::size_t lanes)
        : lane_count_(lanes)
        , lanes_(std::make_unique<padded[]>(lanes)) {}

    void add(std::size_t lane, Name name, std::uint64_t n) noexcept {
        lanes_[lane].values[static_cast<std::size_t>(name)].fetch_add(n);
    }

    [[nodiscard]] std::uint64_t of(std::size_t lane, Name name) const noexcept {
        return lanes_[lane].values[static_cast<std::size_t>(name)].load();
    }

    [[nodiscard]] std::uint64_t sum(Name name) const noexcept {
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < lane_count_; ++i)
            total += of(i, name);
        return total;
    }

    [[nodiscard]] std::size_t lanes() const noexcept { return lane_count_; }

  private:
    struct alignas(64) padded {
        std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Name::count_)> values{};
    };

    std::size_t lane_count_;
    std::unique_ptr<padded[]> lanes_;
};

} // namespace weir
