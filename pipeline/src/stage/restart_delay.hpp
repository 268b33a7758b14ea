#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/restarts.hpp>

#include <algorithm>
#include <random>

namespace weir::pipeline {

/// How long a producer waits before its next start: longer each time, until it has been healthy for a while.
/// Not thread-safe.
class restart_delay {
  public:
    explicit restart_delay(const restart_options& o) noexcept
        : options_(o) {}

    void started(time_point now) noexcept { started_at_ = now; }

    /// It failed.
    template <class Random>
    [[nodiscard]] duration next(time_point now, Random& random) {
        if (now - started_at_ >= options_.healthy_after) longest_ = duration::zero();
        if (longest_ == duration::zero()) {
            longest_ = std::max<duration>(options_.resubscribe_interval, std::chrono::milliseconds{1});
            return options_.resubscribe_interval;
        }
        longest_ = std::min<duration>(longest_ * 2, options_.max_delay);
        std::uniform_int_distribution<duration::rep> jitter{0, longest_.count() / 4};
        return longest_ - duration{jitter(random)};
    }

  private:
    restart_options options_;
    time_point started_at_{};
    duration longest_{};
};

} // namespace weir::pipeline
