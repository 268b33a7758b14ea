#include "session/send_queue.hpp"

#include <utility>

namespace weir::mqtt {

void send_queue::push(queued_publish m) {
    m.order = ++last_order_;
    bytes_ += m.size();
    (m.packet.qos == qos::at_most_once ? qos0_ : acknowledged_).push_back(std::move(m));
}

void send_queue::push_front(queued_publish m) {
    m.order = --first_order_;
    bytes_ += m.size();
    acknowledged_.push_front(std::move(m));
}

queued_publish* send_queue::push_first(queued_publish m) {
    bytes_ += m.size();
    auto& queue = m.packet.qos == qos::at_most_once ? qos0_ : acknowledged_;
    queue.push_front(std::move(m));
    return &queue.front();
}

queued_publish* send_queue::next(bool window_open) noexcept {
    if (bounds_.strict_order && !window_open && !acknowledged_.empty())
        return !qos0_.empty() && qos0_.front().order < acknowledged_.front().order ? &qos0_.front() : nullptr;
    const bool acknowledged = window_open && !acknowledged_.empty();
    if (qos0_.empty()) return acknowledged ? &acknowledged_.front() : nullptr;
    if (!acknowledged || qos0_.front().order < acknowledged_.front().order) return &qos0_.front();
    return &acknowledged_.front();
}

queued_publish send_queue::pop(const queued_publish& next) {
    bytes_ -= next.size();
    auto& from = next.packet.qos == qos::at_most_once ? qos0_ : acknowledged_;
    auto taken = from.pop_front();
    if (gone_ != 0) tidy(from);
    return taken;
}

std::optional<queued_publish> send_queue::remove(operation_id operation) {
    auto found = remove(acknowledged_, operation);
    return found ? std::move(found) : remove(qos0_, operation);
}

std::optional<queued_publish> send_queue::remove(places& from, operation_id operation) {
    std::size_t low = 0;
    for (std::size_t high = from.size(); low < high;) {
        const auto middle = low + (high - low) / 2;
        if (from[middle].operation < operation) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == from.size() || from[low].operation != operation || from[low].gone) return std::nullopt;
    queued_publish taken = std::move(from[low]);
    from[low] = {};
    from[low].operation = operation;
    from[low].gone = true;
    bytes_ -= taken.size();
    ++gone_;
    tidy(from);
    if (gone_ > size() + 16) {
        compact(qos0_);
        compact(acknowledged_);
    }
    return taken;
}

/// What stands at a front has not gone.
void send_queue::tidy(places& q) {
    while (!q.empty() && q.front().gone) {
        q.drop_front();
        --gone_;
    }
}

/// Empty places in the middle must not add up while the front waits.
void send_queue::compact(places& q) {
    places left;
    while (!q.empty()) {
        if (q.front().gone) {
            q.drop_front();
            --gone_;
        } else {
            left.push_back(q.pop_front());
        }
    }
    q = std::move(left);
}

std::optional<queued_publish> send_queue::drop_oldest_qos0() {
    if (qos0_.empty()) return std::nullopt;
    return pop(qos0_.front());
}

} // namespace weir::mqtt
