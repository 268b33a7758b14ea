#include "client/room_queue.hpp"

#include <algorithm>

namespace weir::mqtt {

void room_queue::add(calls::publish c, time_point now, std::function<void()> canceled) {
    entry e{.call = std::move(c), .until = {}, .watched = {}};
    bytes_ += e.call.size();
    if (e.call.message.deadline) {
        e.until = now + *e.call.message.deadline;
        earliest_ = earliest_ ? std::min(*earliest_, *e.until) : e.until;
    }
    if (e.call.cancel.stop_possible())
        e.watched =
            std::make_unique<std::stop_callback<std::function<void()>>>(e.call.cancel, std::move(canceled));
    waiting_.push_back(std::move(e));
}

calls::publish room_queue::pop(time_point now) {
    entry e = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= e.call.size();
    if (e.until) e.call.message.deadline = std::max(duration::zero(), *e.until - now);
    if (waiting_.empty()) earliest_.reset();
    return std::move(e.call);
}

std::vector<calls::publish> room_queue::remove_due(time_point now) {
    if (!earliest_ || now < *earliest_) return {};
    auto due = remove_if([now](const entry& e) { return e.until && *e.until <= now; });
    earliest_.reset();
    for (const auto& e : waiting_)
        if (e.until) earliest_ = earliest_ ? std::min(*earliest_, *e.until) : *e.until;
    return due;
}

std::vector<calls::publish> room_queue::remove_canceled() {
    return remove_if([](const entry& e) { return e.call.cancel.stop_requested(); });
}

std::vector<calls::publish> room_queue::remove_all() {
    earliest_.reset();
    return remove_if([](const entry&) { return true; });
}

template <class Which>
std::vector<calls::publish> room_queue::remove_if(Which which) {
    std::vector<calls::publish> removed;
    std::deque<entry> kept;
    for (auto& e : waiting_) {
        if (!which(e)) {
            kept.push_back(std::move(e));
            continue;
        }
        bytes_ -= e.call.size();
        removed.push_back(std::move(e.call));
    }
    waiting_ = std::move(kept);
    return removed;
}

} // namespace weir::mqtt
