#include "dead_letter_message.hpp"

#include <weir/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

namespace weir::connector {

namespace {

using mqtt::property_id;

/// More than anybody reads of a reason, and far below what a string of the protocol may have.
constexpr std::size_t longest_reason = 1'000;

void replace_all(std::string& in, std::string_view what, std::string_view with) {
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + with.size()))
        in.replace(at, what.size(), with);
}

/// A reason may be anything; what goes over the wire is UTF-8 without control characters [MQTT-1.5.4-1].
std::string printable(std::string_view reason) {
    auto length = std::min(reason.size(), longest_reason);
    while (length != 0 && length < reason.size() && (reason[length] & 0xC0) == 0x80)
        --length; // not within a character
    std::string text(reason.substr(0, length));
    const bool utf8 = is_utf8(text);
    for (auto& c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7F) c = ' ';
        if (!utf8 && code >= 0x80) c = '?';
    }
    return text;
}

std::string quoted_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string json_object(const inbound_record& r, std::string_view client_id, const std::string& error) {
    const auto& m = r.received;
    const auto payload = m.payload.text();
    const bool text = is_utf8(payload);
    return "{\"topic\":" + quoted_json(m.topic.text()) +
           ",\"qos\":" + std::to_string(static_cast<unsigned>(m.qos)) +
           ",\"retain\":" + (m.retain ? "true" : "false") + ",\"client_id\":" + quoted_json(client_id) +
           ",\"received_at\":\"" + to_iso8601(r.wall) + "\",\"attempts\":" + std::to_string(r.attempt) +
           ",\"error\":" + quoted_json(error) +
           (text ? ",\"payload\":" + quoted_json(payload)
                 : ",\"payload_base64\":\"" + to_base64(payload) + '"') +
           '}';
}

/// What may be passed on: an alias is of one connection, a Subscription Identifier is not a client's to send
/// [MQTT-3.3.4-6].
mqtt::properties forwarded(const mqtt::properties& from) {
    mqtt::properties out;
    for (const auto& p : from)
        if (p.id != property_id::topic_alias && p.id != property_id::subscription_identifier) out.append(p);
    return out;
}

mqtt::properties json_properties() {
    mqtt::properties out;
    out.set(property_id::payload_format_indicator, 1);
    out.set(property_id::content_type, "application/json");
    return out;
}

} // namespace

std::string dead_letter_topic_for(
    std::string_view pattern, std::string_view topic, std::string_view client_id) {
    std::string out(pattern);
    replace_all(out, "{client_id}", client_id); // first: a topic may hold these words
    replace_all(out, "{topic}", topic);
    return out;
}

mqtt::outgoing make_dead_letter(
    const producer_options& o, const inbound_record& record, mqtt::protocol_version version,
    std::string_view client_id, std::string_view reason) {
    const auto& m = record.received;
    const auto error = printable(reason);
    const bool json = o.dead_letter.form == dead_letter_form::json;
    mqtt::outgoing letter{
        .topic = bytes::copy(dead_letter_topic_for(o.dead_letter.topic, m.topic.text(), client_id)),
        .payload = json ? bytes::copy(json_object(record, client_id, error)) : m.payload,
        .qos = o.dead_letter.qos,
        .retain = o.dead_letter.retain,
        .deadline = o.config.ack_timeout};
    if (version != mqtt::protocol_version::v5) return letter;
    letter.props = json ? json_properties() : forwarded(m.props);
    letter.props.add_user_property("weir-topic", m.topic.text())
        .add_user_property("weir-error", error)
        .add_user_property("weir-attempts", std::to_string(record.attempt))
        .add_user_property("weir-received-at", to_iso8601(record.wall));
    return letter;
}

} // namespace weir::connector
