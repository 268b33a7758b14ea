#pragma once

#include <weir/base/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::pipeline {

/// Which share of the last seconds somebody was busy, what is under way included: who hangs comes to 1, who
/// goes idle to 0. It is told only when somebody begins or ceases to be busy, so a worker that always has
/// something to do costs no look at a clock. Asks no clock itself; not thread-safe.
class busy_meter {
  public:
    static constexpr std::chrono::seconds window{5};

    explicit busy_meter(time_point now) noexcept
        : began_(now)
        , since_(now) {}

    void turned_busy(time_point now) noexcept {
        account(now);
        busy_ = true;
    }

    void turned_idle(time_point now) noexcept {
        account(now);
        busy_ = false;
    }

    /// 0..1
    [[nodiscard]] double share(time_point now) const noexcept;

  private:
    static constexpr std::chrono::seconds slot_length{1};
    static constexpr std::size_t slots = window / slot_length;

    struct slot {
        std::int64_t number{-1}; // seconds since the beginning
        duration busy{};
    };

    void account(time_point now) noexcept;

    [[nodiscard]] std::int64_t number_of(time_point t) const noexcept {
        return (t - began_) / std::chrono::duration_cast<duration>(slot_length);
    }

    time_point began_;
    time_point since_; // all before is accounted for
    bool busy_{false};
    std::array<slot, slots> slots_{};
};

} // namespace weir::pipeline
