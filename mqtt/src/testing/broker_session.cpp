#include "testing/broker_session.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <utility>

namespace weir::mqtt::testing {

void broker_session::attach(connection c, std::uint16_t window) {
    if (connection_.end) connection_.end();
    connection_ = std::move(c);
    window_ = window;
    resend();
    send_waiting();
}

void broker_session::detach(const void* id) noexcept {
    if (connection_.id == id) connection_ = {};
}

std::size_t broker_session::unfinished() const noexcept {
    const auto queued = std::count_if(
        waiting_.begin(), waiting_.end(), [](const auto& p) { return p.qos != qos::at_most_once; });
    return in_flight_.size() + static_cast<std::size_t>(queued);
}

void broker_session::send(const packet& p) {
    if (connection_.send) connection_.send(p);
}

void broker_session::resend() {
    for (const auto id : order_) {
        auto& entry = in_flight_.at(id);
        ++stats_.resent;
        entry.message.dup = true;
        if (entry.released) {
            send(ack{.type = ack_type::pubrel, .packet_id = id});
        } else {
            send(entry.message);
        }
    }
}

bool broker_session::offer(const publish& p) {
    const auto chosen = std::find_if(subscriptions_.begin(), subscriptions_.end(), [&](const auto& s) {
        return matches(s.filter, p.topic.text());
    });
    if (chosen == subscriptions_.end()) return false;
    auto copy = p;
    copy.qos = std::min(p.qos, chosen->qos);
    copy.dup = false;
    waiting_.push_back(std::move(copy));
    send_waiting();
    return true;
}

void broker_session::send_waiting() {
    while (connection_.send && !waiting_.empty()) {
        if (waiting_.front().qos != qos::at_most_once && in_flight_.size() >= window_) return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        send_now(std::move(next));
    }
}

void broker_session::send_now(publish p) {
    ++stats_.pushed;
    if (p.qos == qos::at_most_once) return send(p);
    p.packet_id = free_id();
    order_.push_back(p.packet_id);
    const auto& kept = in_flight_.emplace(p.packet_id, in_flight{.message = p}).first->second;
    send(kept.message);
}

std::uint16_t broker_session::free_id() {
    do {
        ++last_id_;
    } while (last_id_ == 0 || in_flight_.contains(last_id_));
    return last_id_;
}

bool broker_session::received(const packet& p, publish& first) {
    if (const auto* a = std::get_if<ack>(&p)) answer(*a);
    if (const auto* s = std::get_if<subscribe>(&p)) grant(*s);
    if (const auto* u = std::get_if<unsubscribe>(&p)) drop(*u);
    if (std::holds_alternative<pingreq>(p)) {
        ++stats_.pings;
        send(pingresp{});
    }
    const auto* m = std::get_if<publish>(&p);
    if (m == nullptr || !is_new(*m)) return false;
    first = *m;
    return true;
}

bool broker_session::is_new(const publish& p) {
    if (p.qos == qos::at_least_once) send(ack{.type = ack_type::puback, .packet_id = p.packet_id});
    if (p.qos == qos::exactly_once) {
        send(ack{.type = ack_type::pubrec, .packet_id = p.packet_id});
        // Only now: without its connection the message is not taken, and comes again.
        if (!received_qos2_.insert(p.packet_id).second) return false;
    }
    ++stats_.publishes;
    return true;
}

void broker_session::answer(const ack& a) {
    switch (a.type) {
    case ack_type::puback: ++stats_.pubacks; return finish(a.packet_id);
    case ack_type::pubrec:
        ++stats_.pubrecs;
        if (is_failure(a.code)) return finish(a.packet_id);
        if (const auto found = in_flight_.find(a.packet_id); found != in_flight_.end())
            found->second.released = true;
        return send(ack{.type = ack_type::pubrel, .packet_id = a.packet_id});
    case ack_type::pubrel:
        received_qos2_.erase(a.packet_id);
        return send(ack{.type = ack_type::pubcomp, .packet_id = a.packet_id});
    case ack_type::pubcomp: ++stats_.pubcomps; return finish(a.packet_id);
    }
}

void broker_session::finish(std::uint16_t id) {
    if (in_flight_.erase(id) == 0) return;
    order_.erase(std::find(order_.begin(), order_.end(), id));
    send_waiting();
}

void broker_session::grant(const subscribe& s) {
    suback answer{.packet_id = s.packet_id};
    for (const auto& asked : s.subscriptions) {
        std::erase_if(subscriptions_, [&](const auto& old) { return old.filter == asked.filter; });
        subscriptions_.push_back(asked);
        answer.codes.push_back(static_cast<reason_code>(asked.qos));
    }
    stats_.subscribes += s.subscriptions.size();
    send(answer);
}

void broker_session::drop(const unsubscribe& u) {
    unsuback answer{.packet_id = u.packet_id};
    for (const auto& filter : u.filters) {
        const auto gone =
            std::erase_if(subscriptions_, [&](const auto& old) { return old.filter == filter; });
        answer.codes.push_back(gone != 0 ? reason_code::success : reason_code::no_subscription_existed);
    }
    send(answer);
}

} // namespace weir::mqtt::testing
