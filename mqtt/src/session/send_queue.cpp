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
    return (next.packet.qos == qos::at_most_once ? qos0_ : acknowledged_).pop_front();
}

std::optional<queued_publish> send_queue::drop_oldest_qos0() {
    if (qos0_.empty()) return std::nullopt;
    return pop(qos0_.front());
}

} // namespace weir::mqtt
