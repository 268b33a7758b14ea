#include "stage/token_bucket.hpp"

#include <algorithm>

namespace weir::pipeline {
namespace {

constexpr std::chrono::milliseconds shortest_wait{1};

} // namespace

token_bucket::token_bucket(const rate_limiting_options& limits, time_point now) noexcept
    : limits_(limits)
    , filled_at_(now)
    , level_(full()) {}

std::size_t token_bucket::admit(std::size_t wanted, time_point now) noexcept {
    refill(now);
    const auto admitted = std::min(wanted, static_cast<std::size_t>(level_ / cost()));
    level_ -= static_cast<std::int64_t>(admitted) * cost();
    return admitted;
}

std::optional<time_point> token_bucket::opens_at() const noexcept {
    if (level_ >= cost()) return std::nullopt;
    const auto in_shortest_wait =
        static_cast<std::int64_t>(limits_.allowed_messages) * microseconds{shortest_wait}.count() / cost();
    const auto target =
        std::clamp<std::int64_t>(in_shortest_wait, 1, static_cast<std::int64_t>(limits_.burst));
    return filled_at_ + time_for(target * cost() - level_);
}

void token_bucket::refill(time_point now) noexcept {
    const auto passed = std::chrono::duration_cast<microseconds>(now - filled_at_);
    if (passed <= microseconds{0}) return;
    if (passed >= time_for(full() - level_)) {
        level_ = full();
        filled_at_ = now;
        return;
    }
    level_ += passed.count() * static_cast<std::int64_t>(limits_.allowed_messages);
    filled_at_ += passed;
}

void token_bucket::change(const rate_limiting_options& limits, time_point now, bool reset) noexcept {
    if (reset) {
        *this = token_bucket{limits, now};
        return;
    }
    refill(now);
    const auto saved = level_ / cost();
    limits_ = limits;
    level_ = std::min(saved * cost(), full());
}

token_bucket::microseconds token_bucket::time_for(std::int64_t parts) const noexcept {
    const auto rate = static_cast<std::int64_t>(limits_.allowed_messages);
    return microseconds{parts / rate + (parts % rate != 0 ? 1 : 0)};
}

} // namespace weir::pipeline
