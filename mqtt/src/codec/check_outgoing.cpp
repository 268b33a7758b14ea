#include "codec/check_properties.hpp"
#include "codec/packet_bodies.hpp"
#include "codec/quote.hpp"
#include "codec/reason_code_table.hpp"
#include "codec/utf8.hpp"
#include "codec/varint.hpp"
#include "codec/writer.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/types/errc.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <string>

namespace weir::mqtt {
namespace {

using fault = std::optional<error>;

constexpr std::size_t longest_field = 65'535;

fault needs_v5(const std::string& what, protocol_version version) {
    return error{
        errc::unsupported_by_version, what + " needs v5, this is " + std::string(to_string(version))};
}

fault check_length(const char* name, std::string_view content) {
    if (content.size() <= longest_field) return std::nullopt;
    return error{
        errc::option_invalid,
        std::string(name) + " holds at most 65535 bytes, got " + std::to_string(content.size())};
}

fault check_string(const char* name, std::string_view text) {
    if (auto f = check_length(name, text)) return f;
    if (is_utf8_string(text)) return std::nullopt;
    return error{errc::option_invalid, std::string(name) + " is not a UTF-8 string"};
}

fault check_topic(std::string_view topic) {
    if (!is_topic_name(topic)) return error{errc::topic_name_invalid, quote(topic)};
    if (is_shared(topic))
        return error{errc::topic_name_invalid, quote(topic) + " is a shared subscription, not a topic"};
    return std::nullopt;
}

fault check_filter(std::string_view filter) {
    if (is_topic_filter(filter)) return std::nullopt;
    return error{errc::topic_filter_invalid, quote(filter)};
}

fault check_code(reason_code code, packet_type type, protocol_version version) {
    const auto number = static_cast<std::uint8_t>(code);
    if (is_code_of(number, type, peer::client, version)) return std::nullopt;
    const auto what = "reason code " + std::to_string(number) + " (" + std::string(to_string(code)) + ")";
    if (!is_v5(version)) return needs_v5(what, version);
    return error{
        errc::option_invalid, what + " is not one a client may send in " + std::string(to_string(type))};
}

fault check_credentials(const connect& p) {
    if (p.username)
        if (auto f = check_string("the user name", *p.username)) return f;
    if (!p.password) return std::nullopt;
    if (!p.username && !is_v5(p.version)) return needs_v5("a password without a user name", p.version);
    return check_length("the password", *p.password);
}

} // namespace

std::optional<error> check_outgoing(const connect& p) {
    if (p.bridge_mode && is_v5(p.version))
        return error{errc::option_invalid, "bridge_mode is for 3.x; v5 has no_local and retain_as_published"};
    if (auto f = check_string("the client identifier", p.client_id)) return f;
    if (auto f = check_credentials(p)) return f;
    if (auto f = check_properties(p.props, packet_type::connect, p.version)) return f;
    return p.will ? check_outgoing(*p.will, p.version) : std::nullopt;
}

std::optional<error> check_outgoing(const will& w, protocol_version version) {
    if (auto f = check_topic(w.topic)) return f;
    if (auto f = check_length("the will's payload", w.payload)) return f;
    return check_properties_of(property_place::will, w.props, version);
}

std::optional<error> check_outgoing(const publish& p, protocol_version version) {
    if (auto f = check_properties(p.props, packet_type::publish, version)) return f;
    const bool by_alias = p.topic.empty() && p.props.number(property_id::topic_alias);
    if (!by_alias)
        if (auto f = check_topic(p.topic.text())) return f;
    size_counter counter;
    write_body(counter, p, version);
    if (counter.size() + p.payload.size() <= max_varint) return std::nullopt;
    return error{
        errc::payload_too_large, std::to_string(p.payload.size()) +
                                     " bytes of payload; a packet holds at most " +
                                     std::to_string(max_varint) + " in all"};
}

std::optional<error> check_outgoing(const ack& p, protocol_version version) {
    const auto type = static_cast<packet_type>(p.type);
    if (auto f = check_code(p.code, type, version)) return f;
    return check_properties(p.props, type, version);
}

std::optional<error> check_outgoing(const subscription& s, protocol_version version) {
    if (auto f = check_filter(s.filter)) return f;
    if (!is_v5(version)) {
        if (s.no_local) return needs_v5("no_local", version);
        if (s.retain_as_published) return needs_v5("retain_as_published", version);
        if (s.retain_handling != retain_handling::send) return needs_v5("retain_handling", version);
    }
    if (s.no_local && is_shared(s.filter)) // [MQTT-3.8.3-4]
        return error{errc::option_invalid, "no_local on the shared subscription " + quote(s.filter)};
    return std::nullopt;
}

std::optional<error> check_outgoing(const subscribe& p, protocol_version version) {
    if (p.subscriptions.empty()) return error{errc::topic_filter_invalid, "there must be at least one"};
    for (const subscription& s : p.subscriptions)
        if (auto f = check_outgoing(s, version)) return f;
    return check_properties(p.props, packet_type::subscribe, version);
}

std::optional<error> check_outgoing(const unsubscribe& p, protocol_version version) {
    if (p.filters.empty()) return error{errc::topic_filter_invalid, "there must be at least one"};
    for (const std::string& filter : p.filters)
        if (auto f = check_filter(filter)) return f;
    return check_properties(p.props, packet_type::unsubscribe, version);
}

std::optional<error> check_outgoing(const disconnect& p, protocol_version version) {
    if (auto f = check_code(p.code, packet_type::disconnect, version)) return f;
    return check_properties(p.props, packet_type::disconnect, version);
}

std::optional<error> check_outgoing(const auth& p, protocol_version version) {
    if (!is_v5(version)) return needs_v5("AUTH", version);
    if (auto f = check_code(p.code, packet_type::auth, version)) return f;
    return check_properties(p.props, packet_type::auth, version);
}

} // namespace weir::mqtt
