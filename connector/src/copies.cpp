#include "copies.hpp"

#include <utility>

namespace weir::connector {

shared_outcome::state copies::join(shared_outcome& of, const mqtt::ack_token& copy) {
    const std::lock_guard lock(mutex_);
    if (of.now == shared_outcome::state::open && copy.level != mqtt::qos::at_most_once) {
        of.copies.push_back(copy);
        waiting_.fetch_add(1, std::memory_order_relaxed);
    }
    return of.now;
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

void copies::defer(const shared_outcome& of, std::vector<mqtt::ack_outcome>& out) {
    const std::lock_guard lock(mutex_);
    for (const auto& token : of.copies)
        out.push_back({.token = token, .verdict = mqtt::ack_outcome::decision::defer});
}

} // namespace weir::connector
