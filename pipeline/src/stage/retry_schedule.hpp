#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/retry.hpp>

#include <cstddef>
#include <optional>

namespace weir::pipeline {

/// When to try again what has failed: pauses that grow by a factor up to a limit, shortened by chance so that
/// what failed together does not come back together. Immutable.
class retry_schedule {
  public:
    explicit retry_schedule(const retry_options& o) noexcept
        : options_(o) {}

    [[nodiscard]] bool enabled() const noexcept { return options_.max_attempts > 1; }

    /// The pause after `attempts` attempts (at least one) and `elapsed` since the beginning; `chance` from 0
    /// to 1. Nothing: no attempt is left.
    [[nodiscard]] std::optional<duration> pause(
        std::size_t attempts, duration elapsed, double chance) const noexcept;

  private:
    retry_options options_;
};

} // namespace weir::pipeline
