#include "record_pool.hpp"
#include "subscription_identifiers.hpp"

#include <weir/connector/inbound.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <chrono>

namespace weir::connector {

std::string_view inbound::topic() const noexcept {
    return record_->received.topic.text();
}

const bytes& inbound::payload() const noexcept {
    return record_->received.payload;
}

mqtt::qos inbound::qos() const noexcept {
    return record_->received.qos;
}

bool inbound::retain() const noexcept {
    return record_->received.retain;
}

bool inbound::dup() const noexcept {
    return record_->received.dup;
}

std::uint16_t inbound::packet_id() const noexcept {
    return record_->received.packet_id;
}

const mqtt::properties& inbound::props() const noexcept {
    return record_->received.props;
}

std::string_view inbound::client_id() const noexcept {
    return record_->pool->origin().client_id;
}

std::size_t inbound::producer_index() const noexcept {
    return record_->pool->origin().producer_index;
}

std::string_view inbound::shared_group() const noexcept {
    return record_->pool->origin().shared_group;
}

system_time_point inbound::received_at() const noexcept {
    return record_->wall;
}

time_point inbound::received_mono() const noexcept {
    return record_->at;
}

std::uint32_t inbound::attempt() const noexcept {
    return record_->attempt.load(std::memory_order_relaxed);
}

std::optional<system_time_point> inbound::expires_at() const noexcept {
    const auto left = props().number(mqtt::property_id::message_expiry_interval);
    if (!left) return std::nullopt;
    return received_at() + std::chrono::seconds{*left};
}

std::vector<std::uint32_t> inbound::subscription_ids() const {
    return subscription_identifiers(props());
}

std::string_view inbound::matched_filter() const noexcept {
    return record_->pool->origin().matched_filter(topic());
}

std::string_view record_origin::matched_filter(std::string_view topic) const noexcept {
    for (const auto& filter : filters)
        if (mqtt::matches(filter, topic)) return filter;
    return {};
}

std::optional<receipt> inbound::receipt() const {
    const auto& origin = record_->pool->origin();
    if (!origin.wants_receipts || qos() != mqtt::qos::exactly_once) return std::nullopt;
    if (record_->session != origin.session.load(std::memory_order_relaxed)) return std::nullopt;
    const auto& m = record_->received;
    return connector::receipt{
        .client_id = origin.client_id,
        .packet_id = m.packet_id,
        .fingerprint = mqtt::make_fingerprint(m.topic, m.payload, m.props)};
}

std::optional<delivery_token> inbound::delivery_token() const noexcept {
    const auto& store = record_->pool->origin().store;
    if (record_->stored == 0 || store.empty()) return std::nullopt;
    return connector::delivery_token{.store = store, .number = record_->stored};
}

std::optional<std::string_view> inbound::idempotency_key() const noexcept {
    if (record_->key.empty()) return std::nullopt;
    return record_->key;
}

std::string to_string(const delivery_token& t) {
    return std::string(t.store) + '-' + std::to_string(t.number);
}

void inbound::acknowledge() const {
    if (qos() == mqtt::qos::at_most_once) return;
    record_->ended.store(true, std::memory_order_relaxed);
    record_->pool->origin().acks.acknowledge(*record_);
}

void inbound::hold(const inbound_record* record) noexcept {
    record->references.fetch_add(1, std::memory_order_relaxed);
}

void inbound::drop(const inbound_record* record) noexcept {
    record_pool::release(*record);
}

} // namespace weir::connector
