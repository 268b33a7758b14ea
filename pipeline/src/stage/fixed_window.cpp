#include "stage/fixed_window.hpp"

#include <algorithm>
#include <utility>

namespace weir::pipeline {

fixed_window::fixed_window(const rate_limiting_options& limits, time_point now) noexcept
    : limits_(limits)
    , began_(now)
    , left_(limits.allowed_messages) {}

std::size_t fixed_window::admit(std::size_t wanted, time_point now) noexcept {
    refill(now);
    const auto admitted = std::min(wanted, left_);
    left_ -= admitted;
    return admitted;
}

std::optional<time_point> fixed_window::opens_at() const noexcept {
    if (left_ > 0) return std::nullopt;
    return began_ + limits_.interval;
}

/// Windows follow each other without a gap, also those in which nobody asked.
void fixed_window::refill(time_point now) noexcept {
    if (now - began_ < limits_.interval) return;
    if (const auto next = std::exchange(next_limits_, std::nullopt)) {
        began_ += limits_.interval;
        limits_ = *next;
    }
    began_ += (now - began_) / limits_.interval * duration{limits_.interval};
    left_ = limits_.allowed_messages;
}

void fixed_window::change(const rate_limiting_options& limits, time_point now, bool reset) noexcept {
    if (reset)
        *this = fixed_window{limits, now};
    else
        next_limits_ = limits;
}

} // namespace weir::pipeline
