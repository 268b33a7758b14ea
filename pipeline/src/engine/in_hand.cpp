#include "engine/in_hand.hpp"

namespace weir::pipeline::engine {

bool in_hand::claim() noexcept {
    auto expected = turn_ | held;
    if (state_.compare_exchange_strong(expected, turn_ | claimed)) return true;
    const std::scoped_lock wait_for_the_reader{revoking_};
    return false;
}

bool in_hand::claim_all_but(const std::vector<obligation>& rest) {
    const std::scoped_lock lock{revoking_};
    if (state_.load() != (turn_ | held)) return false;
    owed_ = rest;
    next_ = 0;
    return true;
}

/// Nobody reads what was owed once it has returned.
bool in_hand::end() noexcept {
    const auto before = state_.exchange(turn_ | free) & mask;
    if (before == held || before == claimed) return false;
    const std::scoped_lock wait_for_the_reader{revoking_};
    return before == expired;
}

in_hand::release in_hand::let_go(const ack_ref& which) {
    const std::scoped_lock lock{revoking_};
    auto* const found = find(which);
    if (found == nullptr) return release::not_here;
    found->ack.owner = nullptr;
    const auto state = state_.load(); // claimed: a callback of a message that failed while it was forwarded
    return state == (turn_ | held) || state == (turn_ | claimed) ? release::granted : release::refused;
}

void in_hand::rename(const ack_ref& which, std::uint64_t token) {
    const std::scoped_lock lock{revoking_};
    if (auto* const found = find(which)) found->ack.token = token;
}

bool in_hand::revoke(std::vector<obligation>& into) {
    const std::scoped_lock lock{revoking_};
    auto now = state_.load();
    do {
        if ((now & mask) != held) return false;
    } while (!state_.compare_exchange_weak(now, now - held + revoked));
    into.insert(into.end(), owed_.begin(), owed_.end());
    return true;
}

bool in_hand::expire(time_point began_by, std::vector<obligation>& into) {
    const std::scoped_lock lock{revoking_};
    auto now = state_.load(); // before the time is read: so it is of this turn, or the exchange fails
    if ((now & mask) != held) return false;
    const auto began = began_.load();
    if (began == never || began > began_by.time_since_epoch().count()) return false;
    if (!state_.compare_exchange_strong(now, now - held + expired)) return false;
    into.insert(into.end(), owed_.begin(), owed_.end());
    return true;
}

std::optional<time_point> in_hand::began() const noexcept {
    if ((state_.load() & mask) != held) return std::nullopt;
    const auto began = began_.load();
    if (began == never) return std::nullopt;
    return time_point{duration{began}};
}

obligation* in_hand::find(const ack_ref& which) noexcept {
    for (std::size_t tried = 0; tried < owed_.size(); ++tried) {
        auto& o = owed_[next_];
        next_ = next_ + 1 < owed_.size() ? next_ + 1 : 0;
        if (o.ack.owner == which.owner && o.ack.token == which.token) return &o;
    }
    return nullptr;
}

} // namespace weir::pipeline::engine
