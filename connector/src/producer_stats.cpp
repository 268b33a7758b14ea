// What one producer has counted, put together from those who did.
#include "mqtt_producer.hpp"

#include <algorithm>

namespace weir::connector {

void mqtt_producer::add_to(stats& sum) const {
    const auto session = client_.stats();
    const auto settled = acks_.counts();
    sum.received += session.messages_delivered + session.qos0_dropped;
    sum.delivered += delivery_.delivered();
    sum.acked += session.acks_sent;
    sum.succeeded += settled.succeeded;
    sum.failed += settled.failed;
    sum.acked_failed += settled.acked_failed;
    sum.rejected += settled.rejected;
    sum.dead_lettered += settled.dead_lettered;
    sum.held += settled.held;
    sum.dropped += settled.dropped;
    sum.expired += delivery_.admitted().expired();
    sum.unmatched += delivery_.admitted().unmatched();
    sum.copies += delivery_.copies();
    sum.redelivered += delivery_.brought_again();
    sum.duplicates += session.duplicates;
    sum.qos0_dropped += session.qos0_dropped + settled.lost;
    using dropped = mqtt::dropped::what;
    const auto dropped_for = [&](dropped why) {
        return session.dropped_by_reason[static_cast<std::size_t>(why)];
    };
    sum.qos0_overflowed += dropped_for(dropped::qos0_buffer_full);
    sum.qos0_drained += dropped_for(dropped::drained);
    sum.misdeclared += dropped_for(dropped::payload_format);
    sum.oversized += reports_.oversized();
    sum.stale_acks += session.stale_acks;
    const auto connects = connects_.load(std::memory_order_relaxed);
    sum.connects += connects;
    sum.reconnects += connects - std::min<std::uint64_t>(connects, 1);
    sum.connected += is_connected_.load(std::memory_order_relaxed) ? 1 : 0;
    sum.window_used += session.window_used;
    sum.acks_held += session.acks_held;
    sum.deferred += session.deferred;
    sum.unacknowledged += session.unacknowledged;
    sum.store_records += session.store_records;
    sum.store_bytes += session.store_bytes;
    sum.oldest_unfinished = std::max(sum.oldest_unfinished, keeper_.oldest_age());
    sum.qos0_waiting += session.qos0_waiting;
}

connection_stats mqtt_producer::share() const {
    connection_stats own{
        .producer_index = context_.index,
        .client_id = context_.client_id,
        .window = window_,
        .qos0_dropped = qos0_drops_.counts()};
    add_to(own.stats);
    return own;
}

} // namespace weir::connector
