#include "delivery.hpp"

#include "message_events.hpp"

#include <utility>

namespace weir::connector {

delivery::turned_away delivery::first_time(std::span<mqtt::message_received> messages) {
    const auto wall = context_.time.system_now();
    const bool looks = admission_.looks() || duplicates_.looks();
    const auto now = looks ? context_.time.now() : time_point{};
    std::size_t away = 0;
    acks_.clear();
    for (auto& m : messages) {
        if (looks && turns_away(m, now))
            ++away;
        else
            add(m, wall);
    }
    demand_.delivered(messages.size() - away);
    emit();
    return {.acks = acks_, .demand = away == 0 ? 0 : demand_.turned_away(away)};
}

/// A copy of a message in work is acknowledged later, with that.
bool delivery::turns_away(const mqtt::message_received& m, time_point now) {
    if (!admission_.turns_away(m, now)) {
        const auto verdict = duplicates_.judge(m, now);
        if (verdict == duplicates::verdict::fresh) return false;
        if (verdict == duplicates::verdict::waits) return true;
    }
    if (m.token.level != mqtt::qos::at_most_once) acks_.push_back({.token = m.token});
    return true;
}

/// Two references: one is the handle's, one the token's.
void delivery::add(mqtt::message_received& m, system_time_point wall) {
    auto& record = pool_.take(2);
    record.received = std::move(m.received);
    record.token = m.token;
    record.stored = m.stored;
    duplicates_.mark(record);
    record.at = m.at;
    record.wall = wall;
    record.message_no = ++last_no_;
    record.session = pool_.origin().session.load(std::memory_order_relaxed);
    if (m.token.level != mqtt::qos::at_most_once) keeper_.entered(record);
    context_.bus->emit<events::receive_message_start>([&] {
        return events::receive_message_start{
            .origin = context_.stamp(),
            .message = info_of(record),
            .payload_bytes = record.received.payload.size()};
    });
    entries_.push_back(
        {.value = inbound(&record),
         .token = token_of(record),
         .attempt = 1,
         .accepted_at = m.at,
         .windowed = m.token.level != mqtt::qos::at_most_once});
}

void delivery::again(std::span<inbound_record* const> records) {
    for (auto* r : records) {
        r->references.fetch_add(1, std::memory_order_relaxed); // for the handle; the token has kept its own
        entries_.push_back(
            {.value = inbound(r),
             .token = token_of(*r),
             .attempt = r->attempt,
             .accepted_at = r->at,
             .windowed = r->received.qos != mqtt::qos::at_most_once});
    }
    demand_.brought_again(records.size());
    brought_again_.fetch_add(records.size(), std::memory_order_relaxed);
    emit();
}

void delivery::emit() {
    if (entries_.empty()) return;
    delivered_.fetch_add(entries_.size(), std::memory_order_relaxed);
    into_->emit(entries_);
    entries_.clear();
}

/// Whoever takes an entry moves its value away.
delivery::taken_back delivery::take_back() {
    taken_back back;
    for (const auto& e : entries_)
        if (e.value.record() != nullptr)
            back.settlements.push_back(
                {.token = e.token, .result = pipeline::outcome::abandoned, .reason = "not delivered"});
    entries_.clear();
    back.acks = acks_;
    delivered_.fetch_sub(back.settlements.size(), std::memory_order_relaxed);
    back.demand = demand_.announced(back.settlements.size());
    return back;
}

} // namespace weir::connector
