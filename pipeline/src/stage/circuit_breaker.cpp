#include "stage/circuit_breaker.hpp"

#include <algorithm>

namespace weir::pipeline {

std::size_t circuit_breaker::admit(std::size_t wanted) noexcept {
    switch (state_) {
    case state::closed: return wanted;
    case state::open: return 0;
    case state::probing: break;
    }
    const auto admitted = std::min(wanted, probes_left_);
    probes_left_ -= admitted;
    return admitted;
}

void circuit_breaker::settled(outcome result, time_point now) noexcept {
    if (state_ == state::probing) return probe_settled(result, now);
    if (state_ == state::open || result == outcome::abandoned) return;
    in_a_row_ = result == outcome::failed ? in_a_row_ + 1 : 0;
    if (in_a_row_ >= options_.failures) open(now);
}

/// A probe that got no verdict is no success either, and no other will come in its place.
void circuit_breaker::probe_settled(outcome result, time_point now) noexcept {
    if (result != outcome::successful) return open(now);
    if (++in_a_row_ < options_.probes) return;
    state_ = state::closed;
    in_a_row_ = 0;
}

void circuit_breaker::open(time_point now) noexcept {
    state_ = state::open;
    in_a_row_ = 0;
    open_until_ = now + options_.cooldown;
}

void circuit_breaker::tick(time_point now) noexcept {
    if (state_ != state::open || now < open_until_) return;
    state_ = state::probing;
    probes_left_ = options_.probes;
}

std::optional<time_point> circuit_breaker::due() const noexcept {
    if (state_ != state::open) return std::nullopt;
    return open_until_;
}

} // namespace weir::pipeline
