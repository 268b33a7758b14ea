#pragma once

#include "stage/fixed_window.hpp"
#include "stage/token_bucket.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/options/rate_limiting.hpp>

#include <cstddef>
#include <optional>
#include <variant>

namespace weir::pipeline {

/// How many messages may pass, and when more may: in fixed windows, or, with a burst, by a token bucket. Not
/// thread-safe.
class rate_limiter {
  public:
    rate_limiter(const rate_limiting_options& limits, time_point now)
        : kind_(make(limits, now)) {}

    /// How many of `wanted` may pass.
    [[nodiscard]] std::size_t admit(std::size_t wanted, time_point now) noexcept {
        return std::visit([&](auto& k) { return k.admit(wanted, now); }, kind_);
    }

    /// When more may pass; nothing: at once.
    [[nodiscard]] std::optional<time_point> opens_at() const noexcept {
        return std::visit([](const auto& k) { return k.opens_at(); }, kind_);
    }

    /// Makes room for what may pass by now.
    void refill(time_point now) noexcept {
        std::visit([&](auto& k) { k.refill(now); }, kind_);
    }

    /// Fixed windows change when the running one ends, a token bucket at once. With `reset` both begin anew.
    void change(const rate_limiting_options& limits, time_point now, bool reset) noexcept {
        std::visit([&](auto& k) { k.change(limits, now, reset); }, kind_);
    }

    /// Those in force.
    [[nodiscard]] const rate_limiting_options& limits() const noexcept {
        return std::visit([](const auto& k) -> const rate_limiting_options& { return k.limits(); }, kind_);
    }

  private:
    using kinds = std::variant<fixed_window, token_bucket>;

    [[nodiscard]] static kinds make(const rate_limiting_options& limits, time_point now) {
        if (limits.burst > 0) return token_bucket{limits, now};
        return fixed_window{limits, now};
    }

    kinds kind_;
};

} // namespace weir::pipeline
