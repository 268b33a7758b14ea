#include "engine/in_hand.hpp"

namespace weir::pipeline::engine {

bool in_hand::claim() noexcept {
    auto expected = held;
    if (state_.compare_exchange_strong(expected, claimed)) return true;
    const std::scoped_lock wait_for_the_reader{revoking_};
    return false;
}

bool in_hand::revoke(std::vector<obligation>& into) {
    const std::scoped_lock lock{revoking_};
    auto expected = held;
    if (!state_.compare_exchange_strong(expected, revoked)) return false;
    into.insert(into.end(), owed_.begin(), owed_.end());
    return true;
}

} // namespace weir::pipeline::engine
