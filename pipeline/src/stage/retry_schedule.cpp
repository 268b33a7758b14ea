#include "stage/retry_schedule.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace weir::pipeline {

std::optional<duration> retry_schedule::pause(
    std::size_t attempts, duration elapsed, double chance) const noexcept {
    if (attempts >= options_.max_attempts) return std::nullopt;
    using milliseconds = std::chrono::duration<double, std::milli>;
    const milliseconds first = options_.delay;
    const milliseconds longest = options_.max_delay;
    const auto grown =
        first * std::pow(options_.factor, static_cast<double>(attempts - 1)); // may be infinite
    const auto pause =
        std::chrono::duration_cast<duration>(std::min(grown, longest) * (1.0 - options_.jitter * chance));
    const bool too_late = options_.total_limit.count() > 0 && elapsed + pause > options_.total_limit;
    if (too_late) return std::nullopt;
    return pause;
}

} // namespace weir::pipeline
