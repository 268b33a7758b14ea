#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace weir::pipeline {

/// How many messages may leave all producers of a pipeline together. Off unless both `allowed_messages` and
/// `interval` are given.
///
/// Without `burst`: fixed windows. The full allowance is there at the start and again at the end of each
/// interval; nothing unused carries over, so up to twice the allowance can pass around a boundary.
///
/// With `burst`: a token bucket. The allowance comes in evenly, and what is not used is saved up to `burst`.
struct rate_limiting_options {
    std::size_t allowed_messages{0};       ///< in each interval, >= 1; 0 = no limit
    std::chrono::milliseconds interval{0}; ///< 1 ms to 24 h; 0 = no limit
    std::size_t burst{0};                  ///< messages that may go at once, >= 1; 0 = fixed windows

    [[nodiscard]] bool is_on() const noexcept { return allowed_messages > 0 && interval.count() > 0; }

    friend bool operator==(const rate_limiting_options&, const rate_limiting_options&) = default;
};

/// What to change of a rate limit while it is at work; what is not given stays as it is.
struct rate_limiting_change {
    std::optional<std::size_t> allowed_messages{};
    std::optional<std::chrono::milliseconds> interval{};
    std::optional<std::size_t> burst{}; ///< only where the limit was started with one
};

} // namespace weir::pipeline
