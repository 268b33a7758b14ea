#include "copies.hpp"

#include <utility>

namespace weir::connector {

shared_outcome::state copies::join(shared_outcome& of, const mqtt::ack_token& copy) {
    bool deferred = false;
    {
        const std::lock_guard lock(mutex_);
        if (of.now != shared_outcome::state::open || copy.level == mqtt::qos::at_most_once) return of.now;
        of.copies.push_back(copy);
        waiting_.fetch_add(1, std::memory_order_relaxed);
        deferred = of.deferred;
    }
    const mqtt::ack_outcome passed_over{.token = copy, .verdict = mqtt::ack_outcome::decision::defer};
    if (deferred) client_.acknowledge({&passed_over, 1});
    return shared_outcome::state::open;
}

void copies::ended(shared_outcome& of, bool acknowledged) {
    using enum mqtt::ack_outcome::decision;
    std::vector<mqtt::ack_outcome> outcomes;
    {
        const std::lock_guard lock(mutex_);
        if (of.now != shared_outcome::state::open) return;
        of.now = acknowledged ? shared_outcome::state::acknowledged : shared_outcome::state::left;
        for (const auto& token : std::exchange(of.copies, {}))
            outcomes.push_back({.token = token, .verdict = acknowledged ? acknowledge : let_go});
        waiting_.fetch_sub(outcomes.size(), std::memory_order_relaxed);
    }
    if (!outcomes.empty()) client_.acknowledge(outcomes);
}

void copies::defer(shared_outcome& of, std::vector<mqtt::ack_outcome>& out) {
    const std::lock_guard lock(mutex_);
    of.deferred = true;
    for (const auto& token : of.copies)
        out.push_back({.token = token, .verdict = mqtt::ack_outcome::decision::defer});
}

} // namespace weir::connector
