#include "admission.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <chrono>

namespace weir::connector {

namespace {

/// It has no number, for it never goes to the pipeline.
events::message_info info_of(const mqtt::message_received& m) {
    return {
        .topic = m.received.topic.text(),
        .qos = m.received.qos,
        .packet_id = m.received.packet_id,
        .dup = m.received.dup};
}

} // namespace

admission::admission(const producer_context& context)
    : context_(context)
    , acknowledges_unmatched_(context.options.unmatched == connector::unmatched::ack) {}

bool admission::looks() const noexcept {
    return context_.options.drop_expired || acknowledges_unmatched_ ||
           context_.bus->listening<events::message_unmatched>();
}

bool admission::turns_away(const mqtt::message_received& m, time_point now) {
    if (context_.options.drop_expired && is_expired(m, now)) {
        expired_.fetch_add(1, std::memory_order_relaxed);
        context_.bus->emit<events::message_expired>([&] {
            return events::message_expired{
                .origin = context_.stamp(), .message = info_of(m), .waited = now - m.at};
        });
        return true;
    }
    if (!is_unmatched(m)) return false;
    if (acknowledges_unmatched_) unmatched_.fetch_add(1, std::memory_order_relaxed);
    context_.bus->emit<events::message_unmatched>([&] {
        return events::message_unmatched{
            .origin = context_.stamp(), .message = info_of(m), .acknowledged = acknowledges_unmatched_};
    });
    return acknowledges_unmatched_;
}

/// The server has taken off what the message waited there [MQTT-3.3.2-6].
bool admission::is_expired(const mqtt::message_received& m, time_point now) const {
    const auto left = m.received.props.number(mqtt::property_id::message_expiry_interval);
    return left && now - m.at >= std::chrono::seconds{*left};
}

bool admission::is_unmatched(const mqtt::message_received& m) const {
    return std::ranges::none_of(context_.options.topics, [&](const topic& t) {
        return mqtt::matches(t.filter, m.received.topic.text());
    });
}

} // namespace weir::connector
