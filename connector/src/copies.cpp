#include "copies.hpp"

#include <utility>

namespace weir::connector {

shared_outcome::state copies::join(shared_outcome& of, const mqtt::message_received& copy) {
    bool deferred = false;
    {
        const std::lock_guard lock(mutex_);
        if (of.now != shared_outcome::state::open || copy.token.level == mqtt::qos::at_most_once)
            return of.now;
        const bool stored = copy.stored != 0;
        of.copies.push_back({.token = copy.token, .session = session_, .stored = stored});
        (stored ? stored_ : waiting_).fetch_add(1, std::memory_order_relaxed);
        deferred = of.deferred;
    }
    const mqtt::ack_outcome passed_over{.token = copy.token, .verdict = mqtt::ack_outcome::decision::defer};
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
        for (const auto& copy : std::exchange(of.copies, {})) {
            if (!is_current(copy)) continue;
            outcomes.push_back({.token = copy.token, .verdict = acknowledged ? acknowledge : let_go});
            (copy.stored ? stored_ : waiting_).fetch_sub(1, std::memory_order_relaxed);
        }
    }
    if (!outcomes.empty()) client_.acknowledge(outcomes);
}

void copies::defer(shared_outcome& of, std::vector<mqtt::ack_outcome>& out) {
    const std::lock_guard lock(mutex_);
    of.deferred = true;
    for (const auto& copy : of.copies)
        if (is_current(copy))
            out.push_back({.token = copy.token, .verdict = mqtt::ack_outcome::decision::defer});
}

void copies::session_lost() {
    const std::lock_guard lock(mutex_);
    ++session_;
    waiting_.store(0, std::memory_order_relaxed);
}

} // namespace weir::connector
