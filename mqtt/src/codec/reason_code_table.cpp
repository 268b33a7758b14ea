#include "codec/reason_code_table.hpp"

#include <weir/mqtt/types/reason_code.hpp>

#include <array>

namespace weir::mqtt {
namespace {

constexpr std::uint32_t bit(packet_type t) noexcept {
    return 1u << static_cast<unsigned>(t);
}

constexpr std::uint32_t connack = bit(packet_type::connack);
constexpr std::uint32_t puback = bit(packet_type::puback);
constexpr std::uint32_t pubrec = bit(packet_type::pubrec);
constexpr std::uint32_t pubrel = bit(packet_type::pubrel);
constexpr std::uint32_t pubcomp = bit(packet_type::pubcomp);
constexpr std::uint32_t suback = bit(packet_type::suback);
constexpr std::uint32_t unsuback = bit(packet_type::unsuback);
// DISCONNECT and AUTH carry codes that only one end may send.
constexpr std::uint32_t disconnect = bit(packet_type::disconnect);
constexpr std::uint32_t auth = bit(packet_type::auth);
constexpr std::uint32_t client_disconnect = disconnect << 16;
constexpr std::uint32_t client_auth = auth << 16;
constexpr std::uint32_t any_disconnect = disconnect | client_disconnect;

using table = std::array<std::uint32_t, 0xA3>;

constexpr table make_table() {
    using rc = reason_code;
    table t{};
    const auto set = [&t](rc code, std::uint32_t packets) { t[static_cast<std::size_t>(code)] = packets; };
    set(rc::success,
        connack | puback | pubrec | pubrel | pubcomp | suback | unsuback | any_disconnect | auth);
    set(rc::granted_qos_1, suback);
    set(rc::granted_qos_2, suback);
    set(rc::disconnect_with_will_message, client_disconnect);
    set(rc::no_matching_subscribers, puback | pubrec);
    set(rc::no_subscription_existed, unsuback);
    set(rc::continue_authentication, auth | client_auth);
    set(rc::reauthenticate, client_auth);
    set(rc::unspecified_error, connack | puback | pubrec | suback | unsuback | any_disconnect);
    set(rc::malformed_packet, connack | any_disconnect);
    set(rc::protocol_error, connack | any_disconnect);
    set(rc::implementation_specific_error, connack | puback | pubrec | suback | unsuback | any_disconnect);
    set(rc::unsupported_protocol_version, connack);
    set(rc::client_identifier_not_valid, connack);
    set(rc::bad_user_name_or_password, connack);
    set(rc::not_authorized, connack | puback | pubrec | suback | unsuback | disconnect);
    set(rc::server_unavailable, connack);
    set(rc::server_busy, connack | disconnect);
    set(rc::banned, connack);
    set(rc::server_shutting_down, disconnect);
    set(rc::bad_authentication_method, connack | disconnect);
    set(rc::keep_alive_timeout, disconnect);
    set(rc::session_taken_over, disconnect);
    set(rc::topic_filter_invalid, suback | unsuback | disconnect);
    set(rc::topic_name_invalid, connack | puback | pubrec | any_disconnect);
    set(rc::packet_identifier_in_use, puback | pubrec | suback | unsuback);
    set(rc::packet_identifier_not_found, pubrel | pubcomp);
    set(rc::receive_maximum_exceeded, any_disconnect);
    set(rc::topic_alias_invalid, any_disconnect);
    set(rc::packet_too_large, connack | any_disconnect);
    set(rc::message_rate_too_high, any_disconnect);
    set(rc::quota_exceeded, connack | puback | pubrec | suback | any_disconnect);
    set(rc::administrative_action, any_disconnect);
    set(rc::payload_format_invalid, connack | puback | pubrec | any_disconnect);
    set(rc::retain_not_supported, connack | disconnect);
    set(rc::qos_not_supported, connack | disconnect);
    set(rc::use_another_server, connack | disconnect);
    set(rc::server_moved, connack | disconnect);
    set(rc::shared_subscriptions_not_supported, suback | disconnect);
    set(rc::connection_rate_exceeded, connack | disconnect);
    set(rc::maximum_connect_time, disconnect);
    set(rc::subscription_identifiers_not_supported, suback | disconnect);
    set(rc::wildcard_subscriptions_not_supported, suback | disconnect);
    return t;
}

constexpr table codes = make_table();

/// 3.x has codes in two packets only.
bool is_return_code(std::uint8_t code, packet_type type) noexcept {
    if (type == packet_type::connack) return code <= 5;
    if (type == packet_type::suback) return code <= 2 || code == 0x80;
    return code == 0;
}

} // namespace

bool is_code_of(std::uint8_t code, packet_type type, peer sender, protocol_version version) noexcept {
    if (version != protocol_version::v5) return is_return_code(code, type);
    if (code >= codes.size()) return false;
    const bool one_sided = type == packet_type::disconnect || type == packet_type::auth;
    const unsigned shift = sender == peer::client && one_sided ? 16 : 0;
    return (codes[code] >> shift & bit(type)) != 0;
}

} // namespace weir::mqtt
