#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/io_lane.hpp>

#include <functional>
#include <memory>

namespace weir::mqtt {

/// A timer that calls a function on a lane: for work of the lane's owner that is not a connection's.
/// Thread-safe. The lane must outlive it.
class lane_timer {
  public:
    lane_timer(io_lane& lane, std::function<void()> on_due);
    lane_timer(const lane_timer&) = delete;
    lane_timer& operator=(const lane_timer&) = delete;

    /// Implies `cancel`.
    ~lane_timer();

    /// Calls the function once at `when`, or soon if that has passed. An earlier time already asked for
    /// stays in force instead.
    void at(time_point when);

    /// Nothing is called any more: when this returns, no call is under way either, unless it is made from
    /// inside one. Later `at`s do nothing.
    void cancel();

  private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace weir::mqtt
