#include "delivery.hpp"

#include "message_events.hpp"

#include <algorithm>
#include <utility>

namespace weir::connector {

namespace {

/// Takes up to `wanted` away; how much it was.
std::size_t take(std::atomic<std::size_t>& from, std::size_t wanted) noexcept {
    auto there = from.load(std::memory_order_relaxed);
    while (there != 0) {
        const auto taken = std::min(there, wanted);
        if (from.compare_exchange_weak(there, there - taken, std::memory_order_relaxed)) return taken;
    }
    return 0;
}

} // namespace

void delivery::first_time(std::span<mqtt::message_received> messages) {
    const auto wall = context_.time.system_now();
    for (auto& m : messages)
        add(m, wall);
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
    borrowed_.fetch_add(records.size(), std::memory_order_relaxed);
    brought_again_.fetch_add(records.size(), std::memory_order_relaxed);
    emit();
}

void delivery::emit() {
    use_credit(entries_.size());
    delivered_.fetch_add(entries_.size(), std::memory_order_relaxed);
    into_->emit(entries_);
    entries_.clear();
}

/// What goes beyond the credit waits in the pipeline's buffer, and the pipeline will announce that much less
/// by itself: then it must not be taken from the client a second time.
void delivery::use_credit(std::size_t messages) noexcept {
    const auto beyond = messages - take(credit_, messages);
    if (beyond != 0) take(borrowed_, beyond);
}

std::size_t delivery::forward(std::size_t demand) noexcept {
    credit_.fetch_add(demand, std::memory_order_relaxed);
    return demand - take(borrowed_, demand);
}

} // namespace weir::connector
