// How received messages reach the application: against its demand, in their order, within the window.
#include "session/inbound.hpp"

#include <limits>
#include <utility>

namespace weir::mqtt {

void inbound::demand(std::size_t messages, events& ev) {
    const std::size_t most = std::numeric_limits<std::size_t>::max();
    demand_ = messages > most - demand_ ? most : demand_ + messages;
    deliver_waiting(ev);
}

void inbound::resume(events& ev) {
    paused_ = false;
    deliver_waiting(ev);
}

void inbound::drain(bool everything, events& ev) {
    paused_ = true;
    drained_ = true;
    while (!qos0_.empty() || (everything && !waiting_.empty())) {
        const bool acknowledged = everything && !waiting_.empty();
        if (acknowledged && (qos0_.empty() || waiting_.front().order < qos0_.next_order()))
            deliver_next_waiting(ev);
        else
            deliver_next_qos0(ev);
    }
}

void inbound::deliver_waiting(events& ev) {
    while (takes_more() && backlog_.has_next() && window_has_room(backlog_.next_size()))
        deliver_next_stored(ev);
    while (takes_more()) {
        if (acknowledged_is_next())
            deliver_next_waiting(ev);
        else if (!qos0_.empty())
            deliver_next_qos0(ev);
        else
            return;
    }
}

/// Of those that wait and may be handed out. Only among equals of QoS does the standard ask for an order
/// [MQTT-4.6.0-5].
bool inbound::acknowledged_is_next() {
    if (waiting_.empty() || !window_has_room(waiting_.front().size)) return false;
    if (qos0_.empty()) return true;
    if (!qos0_.was_full()) return waiting_.front().order < qos0_.next_order();
    qos0_turn_ = !qos0_turn_;
    return qos0_turn_;
}

void inbound::deliver_next_stored(events& ev) {
    spend_demand();
    ev.emplace_back(backlog_.hand_out_next());
}

void inbound::deliver_next_qos0(events& ev) {
    spend_demand();
    ev.emplace_back(qos0_.pop());
}

void inbound::deliver_next_waiting(events& ev) {
    const waiting w = waiting_.pop_front();
    waiting_bytes_ -= w.size + waiting_overhead;
    auto p = ledger_.message(w.token);
    ledger_.handed_out(w.token);
    hand_out(std::move(p), w.token, w.at, ev);
}

void inbound::hand_out(publish&& p, const ack_token& token, time_point at, events& ev) {
    spend_demand();
    ev.emplace_back(message_received{std::move(p), token, at, connection_});
}

/// What is handed out before the end of everything needs none.
void inbound::spend_demand() noexcept {
    ++delivered_;
    const bool endless = demand_ == std::numeric_limits<std::size_t>::max();
    if (demand_ != 0 && !endless) --demand_;
}

bool inbound::window_has_room(std::size_t size) const noexcept {
    if (ledger_.outstanding() + backlog_.held() >= options_.window) return false;
    return ledger_.outstanding_bytes() == 0 || ledger_.outstanding_bytes() + size <= options_.receive_bytes;
}

} // namespace weir::mqtt
