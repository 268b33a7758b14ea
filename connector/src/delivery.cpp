#include "delivery.hpp"

#include "message_events.hpp"

#include <utility>

namespace weir::connector {

delivery::turned_away delivery::first_time(std::span<mqtt::message_received> messages) {
    const auto wall = context_.time.system_now();
    const bool looks = admission_.looks() || duplicates_.looks();
    const auto now = looks ? context_.time.now() : time_point{};
    away_ = 0;
    acks_.clear();
    untouched_ = messages;
    acks_.reserve(messages.size());
    entries_.reserve(messages.size());
    for (; !untouched_.empty(); untouched_ = untouched_.subspan(1)) {
        auto& m = untouched_.front();
        if (looks && turns_away(m, now))
            ++away_;
        else
            add(m, wall);
    }
    demand_.delivered(messages.size() - away_);
    emit();
    return {.acks = acks_, .demand = away_ == 0 ? 0 : demand_.turned_away(away_)};
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

/// When there is no memory for that, the record is nobody's yet.
void delivery::enter(const inbound_record& record) {
    try {
        keeper_.entered(record);
    } catch (...) {
        record_pool::release(record, 2);
        throw;
    }
}

/// Two references: one is the handle's, one the token's. What needs memory comes before the message is taken
/// out of `m`.
void delivery::add(mqtt::message_received& m, system_time_point wall) {
    auto& record = pool_.take(2);
    record.message_no = ++last_no_;
    if (m.token.level != mqtt::qos::at_most_once) enter(record);
    record.received = std::move(m.received);
    record.token = m.token;
    record.stored = m.stored;
    duplicates_.mark(record);
    record.at = m.at;
    record.wall = wall;
    record.session = pool_.origin().session.load(std::memory_order_relaxed);
    entries_.push_back(
        {.value = inbound(&record),
         .token = token_of(record),
         .attempt = 1,
         .accepted_at = m.at,
         .windowed = m.token.level != mqtt::qos::at_most_once});
    context_.bus->emit<events::receive_message_start>([&] {
        return events::receive_message_start{
            .origin = context_.stamp(),
            .message = info_of(record),
            .payload_bytes = record.received.payload.size()};
    });
}

void delivery::again(std::span<inbound_record* const> records) {
    returning_ = records;
    entries_.reserve(records.size());
    returning_ = {};
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

/// Whoever takes an entry moves its value away. What was received after the message that made the trouble was
/// not looked at, so nobody here will acknowledge it.
delivery::taken_back delivery::take_back() {
    taken_back back;
    const auto rest = std::exchange(untouched_, {});
    const auto abandon = [&](std::uint64_t token) {
        back.settlements.push_back(
            {.token = token, .result = pipeline::outcome::abandoned, .reason = "not delivered"});
    };
    for (const auto& e : entries_)
        if (e.value.record() != nullptr) abandon(e.token);
    for (const auto* r : std::exchange(returning_, {}))
        abandon(token_of(*r));
    if (rest.empty())
        delivered_.fetch_sub(back.settlements.size(), std::memory_order_relaxed);
    else
        back.demand = give_up(rest, back);
    entries_.clear();
    back.acks = acks_;
    back.demand += demand_.announced(back.settlements.size());
    return back;
}

std::size_t delivery::give_up(std::span<const mqtt::message_received> rest, taken_back& back) {
    for (const auto& m : rest) {
        if (m.token.level == mqtt::qos::at_most_once)
            back.lost.push_back(m.received.topic);
        else
            acks_.push_back({.token = m.token, .verdict = mqtt::ack_outcome::decision::let_go});
    }
    demand_.delivered(entries_.size());
    return demand_.turned_away(away_ + rest.size());
}

} // namespace weir::connector
