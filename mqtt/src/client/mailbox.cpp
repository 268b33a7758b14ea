#include "client/mailbox.hpp"

#include <limits>
#include <utility>

namespace weir::mqtt {

bool mailbox::add(calls::command call) {
    const std::lock_guard lock{mutex_};
    gathered_.commands.push_back(std::move(call));
    return ring();
}

bool mailbox::add_publish(calls::publish call) {
    const std::size_t size = call.size();
    const std::size_t times = call.waits && may_wait_ ? 2 : 1;
    const std::lock_guard lock{mutex_};
    if (messages_ >= times * most_messages_ || bytes_ + size > times * most_bytes_) {
        ++gathered_.refused;
        if (!call.done) return false;
        call.message = {};
        call.refused = true;
        call.too_large = size > most_bytes_;
    } else {
        ++messages_;
        bytes_ += size;
    }
    gathered_.commands.emplace_back(std::move(call));
    return ring();
}

bool mailbox::add_acks(std::span<const ack_outcome> outcomes) {
    if (outcomes.empty()) return false;
    const std::lock_guard lock{mutex_};
    gathered_.acks.insert(gathered_.acks.end(), outcomes.begin(), outcomes.end());
    return ring();
}

bool mailbox::add_demand(std::size_t messages) {
    if (messages == 0) return false;
    const std::lock_guard lock{mutex_};
    // Endless demand may be asked for more than once.
    const auto room = std::numeric_limits<std::size_t>::max() - gathered_.demand;
    gathered_.demand += messages < room ? messages : room;
    return ring();
}

void mailbox::take(content& out) {
    out.commands.clear();
    out.acks.clear();
    out.demand = 0;
    out.refused = 0;
    const std::lock_guard lock{mutex_};
    std::swap(out, gathered_);
    messages_ = 0;
    bytes_ = 0;
    rung_ = false;
}

bool mailbox::ring() noexcept {
    return !std::exchange(rung_, true);
}

} // namespace weir::mqtt
