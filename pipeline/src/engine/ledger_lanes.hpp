#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// The lanes of the accounts that workers may take; one that a worker gave back is taken again. That bounds
/// how many workers there can be at once. Thread-safe.
class ledger_lanes {
  public:
    ledger_lanes(std::size_t first, std::size_t count)
        : free_(count) {
        for (std::size_t i = 0; i < count; ++i)
            free_[i] = first + count - 1 - i;
    }

    [[nodiscard]] std::optional<std::size_t> take() {
        const std::scoped_lock lock{mutex_};
        if (free_.empty()) return std::nullopt;
        const auto lane = free_.back();
        free_.pop_back();
        return lane;
    }

    void give_back(std::size_t lane) {
        const std::scoped_lock lock{mutex_};
        free_.push_back(lane);
    }

  private:
    std::mutex mutex_;
    std::vector<std::size_t> free_; // the next one at the back
};

} // namespace weir::pipeline::engine
