#include "client/mailbox.hpp"

#include <limits>
#include <type_traits>
#include <utility>

namespace weir::mqtt {

namespace {

/// Calls that carry something to be kept, which a program can make faster than the lane takes them.
template <class Call>
concept countable = !std::is_same_v<Call, calls::publish> && requires(Call c) {
    c.done;
    c.refused;
};

} // namespace

/// False when nothing is to be kept of it.
bool mailbox::keep(calls::command& call) {
    const auto most = std::holds_alternative<calls::request>(call) ? most_requests_ : most_calls;
    auto& here = calls_[call.index()];
    const bool full = here >= most;
    return std::visit(
        [&](auto& c) {
            using call_type = std::decay_t<decltype(c)>;
            if constexpr (countable<call_type>) {
                if (!full) {
                    ++here;
                    return true;
                }
                ++gathered_.refused_calls;
                call_type rest;
                rest.done = std::move(c.done);
                rest.refused = true;
                c = std::move(rest);
                return static_cast<bool>(c.done);
            }
            return true;
        },
        call);
}

bool mailbox::add(calls::command call) {
    const std::lock_guard lock{mutex_};
    if (!keep(call)) return false;
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
    out.refused_calls = 0;
    const std::lock_guard lock{mutex_};
    std::swap(out, gathered_);
    messages_ = 0;
    calls_ = {};
    bytes_ = 0;
    rung_ = false;
}

bool mailbox::ring() noexcept {
    return !std::exchange(rung_, true);
}

} // namespace weir::mqtt
