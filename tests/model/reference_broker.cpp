#include "reference_broker.hpp"

#include <algorithm>
#include <utility>

namespace weir::mqtt::model {
namespace {

ack make_ack(ack_type type, std::uint16_t id) {
    ack a;
    a.type = type;
    a.packet_id = id;
    return a;
}

} // namespace

bool reference_broker::connect(std::vector<packet>& out) {
    const bool present = std::exchange(has_session_, true);
    out.push_back(connack{present, 0, {}});
    for (const sent& m : inflight_) {
        if (m.recorded) {
            out.push_back(make_ack(ack_type::pubrel, m.packet_id));
        } else {
            transmit(m, true, out);
        }
    }
    return present;
}

void reference_broker::forget_session() {
    for (const sent& m : inflight_)
        gone_.insert(m.number);
    inflight_.clear();
    unreleased_.clear();
    has_session_ = false;
}

bool reference_broker::may_expire(const sent& m) {
    return m.level == qos::at_least_once;
}

bool reference_broker::can_expire() const {
    return std::any_of(inflight_.begin(), inflight_.end(), may_expire);
}

void reference_broker::expire_oldest() {
    const auto m = std::find_if(inflight_.begin(), inflight_.end(), may_expire);
    gone_.insert(m->number);
    inflight_.erase(m);
}

void reference_broker::send_next(std::vector<packet>& out) {
    if (!can_send()) return;
    sent m = waiting_.front();
    waiting_.pop_front();
    m.packet_id = free_id();
    inflight_.push_back(m);
    transmit(m, false, out);
}

void reference_broker::transmit(const sent& m, bool again, std::vector<packet>& out) const {
    publish p;
    p.topic = bytes::over_static("t");
    p.payload = bytes::copy(std::to_string(m.number));
    p.qos = m.level;
    p.dup = again;
    p.packet_id = m.packet_id;
    out.push_back(p);
}

void reference_broker::received(const packet& p, std::vector<packet>& out) {
    if (const auto* a = std::get_if<ack>(&p)) acknowledged(*a, out);
    if (const auto* m = std::get_if<publish>(&p)) published(*m, out);
}

void reference_broker::acknowledged(const ack& a, std::vector<packet>& out) {
    if (a.type == ack_type::pubrel) {
        unreleased_.erase(a.packet_id);
        out.push_back(make_ack(ack_type::pubcomp, a.packet_id));
        return;
    }
    const auto m = find(a.packet_id);
    if (m == inflight_.end()) return complain("an answer to packet id " + std::to_string(a.packet_id));
    const bool fits =
        a.type == ack_type::puback ? m->level == qos::at_least_once : m->level == qos::exactly_once;
    if (!fits) return complain("an answer of the wrong QoS to " + std::to_string(a.packet_id));
    if (a.type == ack_type::pubrec) {
        m->recorded = true;
        out.push_back(make_ack(ack_type::pubrel, a.packet_id));
        return;
    }
    inflight_.erase(m);
}

void reference_broker::published(const publish& p, std::vector<packet>& out) {
    const int number = std::stoi(std::string(p.payload.text()));
    if (p.qos == qos::at_least_once) {
        ++arrived_[number];
        out.push_back(make_ack(ack_type::puback, p.packet_id));
        return;
    }
    if (unreleased_.insert(p.packet_id).second) ++arrived_[number];
    out.push_back(make_ack(ack_type::pubrec, p.packet_id));
}

int reference_broker::message_of(std::uint16_t packet_id) const {
    const auto m = std::find_if(
        inflight_.begin(), inflight_.end(), [=](const sent& one) { return one.packet_id == packet_id; });
    return m == inflight_.end() ? 0 : m->number;
}

std::uint16_t reference_broker::free_id() const {
    std::uint16_t id = 1;
    while (message_of(id) != 0)
        ++id;
    return id;
}

std::deque<reference_broker::sent>::iterator reference_broker::find(std::uint16_t packet_id) {
    return std::find_if(
        inflight_.begin(), inflight_.end(), [=](const sent& one) { return one.packet_id == packet_id; });
}

void reference_broker::complain(std::string text) {
    if (complaint_.empty()) complaint_ = std::move(text);
}

} // namespace weir::mqtt::model
