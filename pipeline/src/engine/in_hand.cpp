#include "engine/in_hand.hpp"

namespace weir::pipeline::engine {

bool in_hand::claim() noexcept {
    auto expected = held;
    if (state_.compare_exchange_strong(expected, claimed)) return true;
    const std::scoped_lock wait_for_the_reader{revoking_};
    return false;
}

bool in_hand::claim_all_but(const std::vector<obligation>& rest) {
    const std::scoped_lock lock{revoking_};
    if (state_.load() != held) return false;
    owed_ = rest;
    next_ = 0;
    return true;
}

in_hand::release in_hand::let_go(const ack_ref& which) {
    const std::scoped_lock lock{revoking_};
    auto* const found = find(which);
    if (found == nullptr) return release::not_here;
    found->ack.owner = nullptr;
    return state_.load() == held ? release::granted : release::refused;
}

void in_hand::rename(const ack_ref& which, std::uint64_t token) {
    const std::scoped_lock lock{revoking_};
    if (auto* const found = find(which)) found->ack.token = token;
}

bool in_hand::revoke(std::vector<obligation>& into) {
    const std::scoped_lock lock{revoking_};
    auto expected = held;
    if (!state_.compare_exchange_strong(expected, revoked)) return false;
    into.insert(into.end(), owed_.begin(), owed_.end());
    return true;
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
