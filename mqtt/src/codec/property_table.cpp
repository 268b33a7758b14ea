#include "codec/property_table.hpp"

#include "codec/quote.hpp"
#include "codec/varint.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <array>

namespace weir::mqtt {
namespace {

using id = property_id;
using type = property_type;

constexpr std::uint16_t bit(packet_type t) noexcept {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(t));
}

constexpr std::uint16_t in_will = 1;
constexpr std::uint16_t in_connect = bit(packet_type::connect);
constexpr std::uint16_t in_connack = bit(packet_type::connack);
constexpr std::uint16_t in_publish = bit(packet_type::publish);
constexpr std::uint16_t in_subscribe = bit(packet_type::subscribe);
constexpr std::uint16_t in_unsubscribe = bit(packet_type::unsubscribe);
constexpr std::uint16_t in_disconnect = bit(packet_type::disconnect);
constexpr std::uint16_t in_auth = bit(packet_type::auth);
constexpr std::uint16_t in_acks = bit(packet_type::puback) | bit(packet_type::pubrec) |
                                  bit(packet_type::pubrel) | bit(packet_type::pubcomp);
constexpr std::uint16_t in_sub_acks = bit(packet_type::suback) | bit(packet_type::unsuback);
constexpr std::uint16_t in_message = in_publish | in_will;
constexpr std::uint16_t anywhere_from_client =
    in_connect | in_will | in_publish | in_acks | in_subscribe | in_unsubscribe | in_disconnect | in_auth;
constexpr std::uint16_t anywhere_from_server =
    in_connack | in_publish | in_acks | in_sub_acks | in_disconnect | in_auth;
constexpr std::uint16_t everywhere = anywhere_from_client | anywhere_from_server;

constexpr std::uint32_t max16 = 0xFFFF;
constexpr std::uint32_t max32 = 0xFFFF'FFFF;
constexpr std::uint16_t once = 0;

using table = std::array<std::optional<property_rule>, 0x2B>;

constexpr table make_table() {
    table t{};
    const auto add = [&t](id i, property_rule r) { t[static_cast<std::size_t>(i)] = r; };
    // id, {type, where repeatable, least, most, where from a client, where from a server}
    add(id::payload_format_indicator, {type::byte, once, 0, 1, in_message, in_publish});
    add(id::message_expiry_interval, {type::four_byte, once, 0, max32, in_message, in_publish});
    add(id::content_type, {type::string, once, 0, 0, in_message, in_publish});
    add(id::response_topic, {type::string, once, 0, 0, in_message, in_publish});
    add(id::correlation_data, {type::binary, once, 0, 0, in_message, in_publish});
    add(id::subscription_identifier, {type::variable, in_publish, 1, max_varint, in_subscribe, in_publish});
    add(id::session_expiry_interval,
        {type::four_byte, once, 0, max32, in_connect | in_disconnect, in_connack});
    add(id::assigned_client_identifier, {type::string, once, 0, 0, 0, in_connack});
    add(id::server_keep_alive, {type::two_byte, once, 0, max16, 0, in_connack});
    add(id::authentication_method, {type::string, once, 0, 0, in_connect | in_auth, in_connack | in_auth});
    add(id::authentication_data, {type::binary, once, 0, 0, in_connect | in_auth, in_connack | in_auth});
    add(id::request_problem_information, {type::byte, once, 0, 1, in_connect, 0});
    add(id::will_delay_interval, {type::four_byte, once, 0, max32, in_will, 0});
    add(id::request_response_information, {type::byte, once, 0, 1, in_connect, 0});
    add(id::response_information, {type::string, once, 0, 0, 0, in_connack});
    add(id::server_reference, {type::string, once, 0, 0, 0, in_connack | in_disconnect});
    add(id::reason_string, {type::string, once, 0, 0, in_acks | in_disconnect | in_auth,
                            in_connack | in_acks | in_sub_acks | in_disconnect | in_auth});
    add(id::receive_maximum, {type::two_byte, once, 1, max16, in_connect, in_connack});
    add(id::topic_alias_maximum, {type::two_byte, once, 0, max16, in_connect, in_connack});
    add(id::topic_alias, {type::two_byte, once, 1, max16, in_publish, in_publish});
    add(id::maximum_qos, {type::byte, once, 0, 1, 0, in_connack});
    add(id::retain_available, {type::byte, once, 0, 1, 0, in_connack});
    add(id::user_property, {type::name_value, everywhere, 0, 0, anywhere_from_client, anywhere_from_server});
    add(id::maximum_packet_size, {type::four_byte, once, 1, max32, in_connect, in_connack});
    add(id::wildcard_subscription_available, {type::byte, once, 0, 1, 0, in_connack});
    add(id::subscription_identifiers_available, {type::byte, once, 0, 1, 0, in_connack});
    add(id::shared_subscription_available, {type::byte, once, 0, 1, 0, in_connack});
    return t;
}

constexpr table rules = make_table();

std::string name_of(property_id i) {
    return std::string(to_string(i));
}

} // namespace

std::string_view to_string(property_place place) noexcept {
    return place == property_place::will ? "will" : to_string(static_cast<packet_type>(place));
}

const property_rule* find_rule(std::uint32_t id) noexcept {
    if (id >= rules.size() || !rules[id]) return nullptr;
    return &*rules[id];
}

std::optional<property_fault> check_place(
    property_id id, const property_rule& rule, property_place place, peer sender) {
    if (rule.allowed_in(place, sender)) return std::nullopt;
    auto text = name_of(id) + " is not a property of " + std::string(to_string(place));
    if (!rule.known_in(place)) return property_fault{reason_code::malformed_packet, std::move(text)};
    text += sender == peer::client ? " sent by a client" : " sent by a server";
    return property_fault{reason_code::protocol_error, std::move(text)};
}

std::optional<property_fault> check_value(const property& p, const property_rule& rule) {
    if (const auto* number = std::get_if<std::uint32_t>(&p.value)) {
        if (*number >= rule.min && *number <= rule.max) return std::nullopt;
        const auto code =
            p.id == property_id::topic_alias ? reason_code::topic_alias_invalid : reason_code::protocol_error;
        return property_fault{
            code, name_of(p.id) + " must be " + std::to_string(rule.min) + ".." + std::to_string(rule.max) +
                      ", got " + std::to_string(*number)};
    }
    if (p.id == property_id::response_topic && !is_topic_name(std::get<bytes>(p.value).text()))
        return property_fault{
            reason_code::protocol_error, "response_topic must be a topic name without wildcards, got " +
                                             quote(std::get<bytes>(p.value).text())};
    return std::nullopt;
}

} // namespace weir::mqtt
