#pragma once

#include <chrono>

namespace weir {

/// All intervals, deadlines and timers use this monotonic clock; wall-clock jumps change nothing.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// Wall-clock time, for stamps that people and databases read; never for intervals.
using system_time_point = std::chrono::system_clock::time_point;

/// Where shells ask for the time, once per read or chunk. Cores never ask: time is an argument to them.
class time_source {
  public:
    virtual ~time_source() = default;
    [[nodiscard]] virtual time_point now() const noexcept = 0;
    [[nodiscard]] virtual system_time_point system_now() const noexcept = 0;

  protected:
    time_source() = default;
    time_source(const time_source&) = default;
    time_source& operator=(const time_source&) = default;
};

/// The real clocks. Thread-safe.
[[nodiscard]] const time_source& real_time() noexcept;

/// A clock that stands still until told; for tests. Not thread-safe.
class manual_time final : public time_source {
  public:
    [[nodiscard]] time_point now() const noexcept override { return now_; }

    [[nodiscard]] system_time_point system_now() const noexcept override {
        return system_time_point{} +
               std::chrono::duration_cast<system_time_point::duration>(now_.time_since_epoch());
    }

    void advance(duration d) noexcept { now_ += d; }

    /// Does nothing when that time has passed already.
    void advance_to(time_point t) noexcept { now_ = t > now_ ? t : now_; }

  private:
    time_point now_{std::chrono::hours{1}};
};

} // namespace weir
