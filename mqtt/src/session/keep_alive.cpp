#include "session/keep_alive.hpp"

#include <algorithm>

namespace weir::mqtt {

void keep_alive::start(
    std::chrono::seconds interval, std::optional<std::chrono::milliseconds> timeout, bool force,
    time_point last_sent) noexcept {
    constexpr duration longest_default = std::chrono::seconds{10};
    interval_ = interval;
    timeout_ = timeout ? duration{*timeout} : std::min(duration{interval}, longest_default);
    running_ = interval > std::chrono::seconds::zero();
    force_ = force;
    reading_ = true;
    last_sent_ = last_sent;
    last_ping_ = last_sent;
    unanswered_since_.reset();
}

void keep_alive::stop() noexcept {
    running_ = false;
    unanswered_since_.reset();
}

void keep_alive::reading(bool on, time_point now) noexcept {
    if (on && !reading_ && unanswered_since_) unanswered_since_ = now;
    reading_ = on;
}

keep_alive::action keep_alive::tick(time_point now) noexcept {
    if (!running_) return action::none;
    if (const auto death = death_due(); death && now >= *death) return action::dead;
    if (now < ping_due()) return action::none;
    last_ping_ = now;
    last_sent_ = now;
    if (!unanswered_since_) unanswered_since_ = now;
    return action::ping;
}

std::optional<time_point> keep_alive::deadline() const noexcept {
    if (!running_) return std::nullopt;
    const auto death = death_due();
    return death ? std::min(*death, ping_due()) : ping_due();
}

std::optional<time_point> keep_alive::death_due() const noexcept {
    if (!unanswered_since_ || !reading_) return std::nullopt;
    return *unanswered_since_ + timeout_;
}

} // namespace weir::mqtt
