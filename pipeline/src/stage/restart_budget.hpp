#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/restarts.hpp>

#include <cstddef>
#include <deque>

namespace weir::pipeline {

/// How many failures a pipeline bears within a time. Not thread-safe.
class restart_budget {
  public:
    explicit restart_budget(const restart_options& o) noexcept
        : limit_(o.max_restarts)
        , within_(o.max_seconds) {}

    /// Counts a failure; whether it can be borne.
    [[nodiscard]] bool spend(time_point now) {
        if (limit_ == restart_options::unlimited) return true;
        while (!failures_.empty() && now - failures_.front() > within_)
            failures_.pop_front();
        if (failures_.size() >= limit_) return false;
        failures_.push_back(now);
        return true;
    }

  private:
    std::size_t limit_;
    duration within_;
    std::deque<time_point> failures_; // at most limit_
};

} // namespace weir::pipeline
