#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/rate_limiting.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::pipeline {

/// An even rate, and a burst of what was saved up. Exact: counts in parts of a message, one part being what a
/// microsecond brings divided by `allowed_messages`. Not thread-safe.
class token_bucket {
  public:
    /// Begins full.
    token_bucket(const rate_limiting_options& limits, time_point now) noexcept;

    /// How many of `wanted` may pass.
    [[nodiscard]] std::size_t admit(std::size_t wanted, time_point now) noexcept;

    /// When more may pass; nothing: at once. At a high rate not for each message, but for as many as come in
    /// a millisecond.
    [[nodiscard]] std::optional<time_point> opens_at() const noexcept;

    void refill(time_point now) noexcept;

    /// At once; what was saved up stays, as far as it fits. With `reset` the bucket is full.
    void change(const rate_limiting_options& limits, time_point now, bool reset) noexcept;

    [[nodiscard]] const rate_limiting_options& limits() const noexcept { return limits_; }

  private:
    using microseconds = std::chrono::microseconds;

    [[nodiscard]] std::int64_t cost() const noexcept { return microseconds{limits_.interval}.count(); }

    [[nodiscard]] std::int64_t full() const noexcept {
        return static_cast<std::int64_t>(limits_.burst) * cost();
    }

    [[nodiscard]] microseconds time_for(std::int64_t parts) const noexcept;

    rate_limiting_options limits_;
    time_point filled_at_;
    std::int64_t level_;
};

} // namespace weir::pipeline
