#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/rate_limiting.hpp>

#include <cstddef>
#include <optional>

namespace weir::pipeline {

/// So many messages in each interval, all of them at once if they come so. Not thread-safe.
class fixed_window {
  public:
    fixed_window(const rate_limiting_options& limits, time_point now) noexcept;

    /// How many of `wanted` may pass.
    [[nodiscard]] std::size_t admit(std::size_t wanted, time_point now) noexcept;

    /// When more may pass; nothing: at once.
    [[nodiscard]] std::optional<time_point> opens_at() const noexcept;

    void refill(time_point now) noexcept;

    /// At the end of the running interval, or, with `reset`, by ending it now.
    void change(const rate_limiting_options& limits, time_point now, bool reset) noexcept;

    [[nodiscard]] const rate_limiting_options& limits() const noexcept { return limits_; }

  private:
    rate_limiting_options limits_;
    std::optional<rate_limiting_options> next_limits_;
    time_point began_;
    std::size_t left_;
};

} // namespace weir::pipeline
