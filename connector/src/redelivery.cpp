#include "redelivery.hpp"

#include <algorithm>
#include <chrono>

namespace weir::connector {

duration redelivery::failed(
    std::uint64_t token, std::uint32_t attempt, time_point now, std::optional<duration> delay) {
    auto& message = entry(token, now);
    const auto pause = delay ? *delay : delay_after(attempt);
    message.again_at = now + pause;
    again_.emplace(*message.again_at, token);
    return pause;
}

std::vector<std::uint64_t> redelivery::left_out() const {
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, message] : failing_)
        if (message.deferred) tokens.push_back(token);
    return tokens;
}

redelivery::failing& redelivery::entry(std::uint64_t token, time_point now) {
    const auto [found, is_new] = failing_.try_emplace(token);
    if (is_new) {
        found->second.defer_at = now + options_.skip_after;
        defer_.emplace_back(found->second.defer_at, token);
    }
    return found->second;
}

/// `min` after the first attempt, doubling up to `max`, and up to a fifth more or less.
duration redelivery::delay_after(std::uint32_t attempt) {
    constexpr std::uint32_t most_doublings = 20; // beyond any sensible ratio of max to min
    const auto doublings = std::min(attempt - 1, most_doublings);
    const auto full = std::min(options_.min * (std::int64_t{1} << doublings), options_.max);
    std::uniform_real_distribution<double> jitter(0.8, 1.2);
    return std::chrono::duration_cast<duration>(full * jitter(random_));
}

void redelivery::settled(std::uint64_t token) {
    const auto found = failing_.find(token);
    if (found == failing_.end()) return;
    if (found->second.again_at) again_.erase({*found->second.again_at, token});
    failing_.erase(found);
}

void redelivery::take_due(time_point now, due& out) {
    while (!again_.empty() && again_.begin()->first <= now) {
        const auto token = again_.begin()->second;
        again_.erase(again_.begin());
        failing_.at(token).again_at.reset();
        out.again.push_back(token);
    }
    take_deferrable(now, out);
}

void redelivery::take_deferrable(time_point now, due& out) {
    while (!defer_.empty() && (defer_.front().first <= now || !still_blocks(defer_.front()))) {
        if (still_blocks(defer_.front())) {
            out.defer.push_back(defer_.front().second);
            failing_.at(defer_.front().second).deferred = true;
        }
        defer_.pop_front();
    }
}

/// A token may have come to name another message since the appointment was made; its time tells.
bool redelivery::still_blocks(const appointment& a) const {
    const auto found = failing_.find(a.second);
    return found != failing_.end() && found->second.defer_at == a.first && !found->second.deferred;
}

std::optional<time_point> redelivery::deadline() const {
    std::optional<time_point> first;
    if (!again_.empty()) first = again_.begin()->first;
    if (!defer_.empty() && (!first || defer_.front().first < *first)) first = defer_.front().first;
    return first;
}

void redelivery::give_up(due& out) {
    take_deferrable(time_point::max(), out);
    for (const auto& [when, token] : again_)
        out.again.push_back(token);
    again_.clear();
    for (const auto token : out.again)
        failing_.erase(token);
}

} // namespace weir::connector
