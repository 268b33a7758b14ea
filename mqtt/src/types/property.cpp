#include <weir/mqtt/types/property.hpp>

#include <algorithm>

namespace weir::mqtt {
namespace {

template <class List>
auto find(List& list, property_id id) noexcept {
    return std::find_if(list.begin(), list.end(), [id](const property& p) { return p.id == id; });
}

} // namespace

std::string_view to_string(property_id id) noexcept {
    switch (id) {
    case property_id::payload_format_indicator: return "payload_format_indicator";
    case property_id::message_expiry_interval: return "message_expiry_interval";
    case property_id::content_type: return "content_type";
    case property_id::response_topic: return "response_topic";
    case property_id::correlation_data: return "correlation_data";
    case property_id::subscription_identifier: return "subscription_identifier";
    case property_id::session_expiry_interval: return "session_expiry_interval";
    case property_id::assigned_client_identifier: return "assigned_client_identifier";
    case property_id::server_keep_alive: return "server_keep_alive";
    case property_id::authentication_method: return "authentication_method";
    case property_id::authentication_data: return "authentication_data";
    case property_id::request_problem_information: return "request_problem_information";
    case property_id::will_delay_interval: return "will_delay_interval";
    case property_id::request_response_information: return "request_response_information";
    case property_id::response_information: return "response_information";
    case property_id::server_reference: return "server_reference";
    case property_id::reason_string: return "reason_string";
    case property_id::receive_maximum: return "receive_maximum";
    case property_id::topic_alias_maximum: return "topic_alias_maximum";
    case property_id::topic_alias: return "topic_alias";
    case property_id::maximum_qos: return "maximum_qos";
    case property_id::retain_available: return "retain_available";
    case property_id::user_property: return "user_property";
    case property_id::maximum_packet_size: return "maximum_packet_size";
    case property_id::wildcard_subscription_available: return "wildcard_subscription_available";
    case property_id::subscription_identifiers_available: return "subscription_identifiers_available";
    case property_id::shared_subscription_available: return "shared_subscription_available";
    }
    return "unknown";
}

std::optional<std::uint32_t> properties::number(property_id id) const noexcept {
    const auto it = find(list_, id);
    if (it == list_.end()) return std::nullopt;
    const auto* value = std::get_if<std::uint32_t>(&it->value);
    return value == nullptr ? std::nullopt : std::optional{*value};
}

std::optional<std::string_view> properties::text(property_id id) const noexcept {
    const auto it = find(list_, id);
    if (it == list_.end()) return std::nullopt;
    const auto* value = std::get_if<bytes>(&it->value);
    return value == nullptr ? std::nullopt : std::optional{value->text()};
}

std::optional<std::string_view> properties::user_property(std::string_view name) const noexcept {
    for (const property& p : list_) {
        if (p.id != property_id::user_property) continue;
        const auto* pair = std::get_if<string_pair>(&p.value);
        if (pair != nullptr && pair->first == name) return pair->second.text();
    }
    return std::nullopt;
}

properties& properties::set(property_id id, std::uint32_t value) {
    const auto it = find(list_, id);
    if (it != list_.end())
        it->value = value;
    else
        list_.push_back({id, value});
    return *this;
}

properties& properties::set(property_id id, std::string_view value) {
    const auto it = find(list_, id);
    if (it != list_.end())
        it->value = bytes::copy(value);
    else
        list_.push_back({id, bytes::copy(value)});
    return *this;
}

properties& properties::add_user_property(std::string_view name, std::string_view value) {
    list_.push_back({property_id::user_property, string_pair{bytes::copy(name), bytes::copy(value)}});
    return *this;
}

void properties::remove(property_id id) {
    std::erase_if(list_, [id](const property& p) { return p.id == id; });
}

} // namespace weir::mqtt
