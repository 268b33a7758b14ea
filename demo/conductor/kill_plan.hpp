#pragma once

#include <weir/base/time.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace weir::demo {

/// When the consumer is to be killed: once in each of several equal parts of the run, at a moment drawn at
/// random, never less than three times.
class kill_plan {
  public:
    /// No kills at all.
    kill_plan() = default;
    kill_plan(time_point start, duration length, std::uint64_t seed);

    [[nodiscard]] bool is_due(time_point now);

  private:
    std::vector<time_point> latest_first_;
};

} // namespace weir::demo
