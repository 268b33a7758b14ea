#include "delivery.hpp"

#include "message_events.hpp"

#include <utility>

namespace weir::connector {

void delivery::first_time(std::span<mqtt::message_received> messages) {
    const auto wall = context_.time.system_now();
    for (auto& m : messages)
        add(m, wall);
    demand_.delivered(messages.size());
    emit();
}

/// Two references: one is the handle's, one the token's.
void delivery::add(mqtt::message_received& m, system_time_point wall) {
    auto& record = pool_.take(2);
    record.received = std::move(m.received);
    record.token = m.token;
    record.at = m.at;
    record.wall = wall;
    record.message_no = ++last_no_;
    record.session = pool_.origin().session.load(std::memory_order_relaxed);
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
            {.value = inbound(r), .token = token_of(*r), .attempt = r->attempt, .accepted_at = r->at});
    }
    demand_.brought_again(records.size());
    brought_again_.fetch_add(records.size(), std::memory_order_relaxed);
    emit();
}

void delivery::emit() {
    delivered_.fetch_add(entries_.size(), std::memory_order_relaxed);
    into_->emit(entries_);
    entries_.clear();
}

} // namespace weir::connector
