#include "event_json.hpp"

#include "config/names.hpp"

#include <algorithm>
#include <variant>

namespace weir::tool {

namespace {

using maybe = std::optional<named_event>;

std::string name_of(mqtt::dropped::what kind) {
    using enum mqtt::dropped::what;
    switch (kind) {
    case qos0_buffer_full: return "qos0_buffer_full";
    case drained: return "drained";
    case stale_ack: return "stale_ack";
    case duplicate: return "duplicate";
    case unexpected_ack: return "unexpected_ack";
    case over_receive_maximum: return "over_receive_maximum";
    case payload_format: return "payload_format";
    case unsupported_ack: return "unsupported_ack";
    case late_response: return "late_response";
    case stored_publish: return "stored_publish";
    case send_queue_full: return "send_queue_full";
    case let_go: return "let_go";
    case too_many_properties: return "too_many_properties";
    }
    return "unknown";
}

std::string name_of(mqtt::ack_type type) {
    return std::string(mqtt::to_string(static_cast<mqtt::packet_type>(type)));
}

std::string name_of(mqtt::protocol_version v) {
    return tool::name_of(protocol_names(), v);
}

/// The codes of a SUBACK or UNSUBACK beside what they answer.
template <class Filter>
json_value answered(
    const std::vector<Filter>& filters, const std::vector<mqtt::reason_code>& codes,
    std::string_view name_of_zero) {
    json_value out = json_value::array();
    for (std::size_t i = 0; i < filters.size(); ++i) {
        json_value one = json_value::object();
        if constexpr (std::is_same_v<Filter, mqtt::subscription>) {
            one["filter"] = filters[i].filter;
            one["qos"] = number_of(filters[i].qos);
        } else {
            one["filter"] = filters[i];
        }
        if (i < codes.size()) put_reason(one, codes[i], name_of_zero);
        out.push_back(std::move(one));
    }
    return out;
}

/// What a client reports by `on_event`, each kind in a function of its own, so that a new one is not
/// forgotten.
struct notices {
    maybe operator()(const mqtt::session_lost& e) const {
        return named_event{"session_lost", {{"unacknowledged", e.unacknowledged}}};
    }

    maybe operator()(const mqtt::subscribe_done& e) const {
        auto fields = fields_of(e);
        fields["ok"] = !e.failed;
        if (e.failed) fields["error"] = to_json(e.failed);
        return named_event{"resubscribed", std::move(fields)};
    }

    maybe operator()(const mqtt::dropped& e) const {
        return named_event{"dropped", {{"what", name_of(e.kind)}, {"count", e.count}}};
    }

    maybe operator()(const mqtt::version_fallback& e) const {
        return named_event{
            "version_fallback", {{"from", name_of(e.from)}, {"to", name_of(e.to)}, {"lost", e.lost}}};
    }

    maybe operator()(const mqtt::session_expiry_lowered& e) const {
        return named_event{"session_expiry_lowered", {{"asked", e.asked}, {"granted", e.granted}}};
    }

    maybe operator()(const mqtt::granted_lower& e) const {
        return named_event{
            "granted_lower",
            {{"filter", e.filter}, {"asked", number_of(e.asked)}, {"granted", number_of(e.granted)}}};
    }

    maybe operator()(const mqtt::ack_overdue& e) const {
        return named_event{"ack_overdue", {{"packet_id", e.packet_id}}};
    }

    maybe operator()(const mqtt::discarded& e) const {
        return named_event{"discarded", {{"topic", e.topic}, {"size", e.size}, {"qos", number_of(e.level)}}};
    }

    maybe operator()(const mqtt::ack_received& e) const {
        json_value fields{{"type", name_of(e.received.type)}, {"packet_id", e.received.packet_id}};
        put_reason(fields, e.received.code);
        fields["properties"] = to_json(e.received.props);
        return named_event{"ack_received", std::move(fields)};
    }

    maybe operator()(const mqtt::store_trouble& e) const {
        json_value fields{{"ok", !e.reason}};
        if (e.reason) fields["error"] = to_json(e.reason);
        return named_event{"store_trouble", std::move(fields)};
    }

    maybe operator()(const mqtt::store_opened& e) const {
        return named_event{"store_opened", {{"uuid", e.uuid}, {"first", e.first}}};
    }

    maybe operator()(const mqtt::stored_done& e) const {
        return named_event{"stored_done", {{"numbers", e.numbers}}};
    }

    // Told with the line of the command, or the number of the message.
    maybe operator()(const mqtt::publish_stored&) const { return {}; }

    maybe operator()(const mqtt::release_requested&) const { return {}; }

    // Told by functions or completions of their own.
    maybe operator()(const mqtt::message_received&) const { return {}; }

    maybe operator()(const mqtt::connected&) const { return {}; }

    maybe operator()(const mqtt::session_ready&) const { return {}; }

    maybe operator()(const mqtt::publish_done&) const { return {}; }

    maybe operator()(const mqtt::unsubscribe_done&) const { return {}; }

    maybe operator()(const mqtt::close_requested&) const { return {}; }

    maybe operator()(const mqtt::ping_done&) const { return {}; }

    maybe operator()(const mqtt::auth_challenge&) const { return {}; }

    maybe operator()(const mqtt::reauthenticate_done&) const { return {}; }
};

} // namespace

named_event to_event(
    const mqtt::connected& c, const std::string& endpoint, duration took, mqtt::protocol_version version) {
    json_value fields{
        {"endpoint", endpoint}, {"took_ms", to_milliseconds(took)}, {"proto_ver", name_of(version)}};
    fields.update(to_json(c));
    return {"connected", std::move(fields)};
}

named_event to_event(const mqtt::connection_down& d, bool was_up) {
    json_value fields{{"endpoint", d.endpoint}, {"error", to_json(d.reason)}};
    if (d.said) put_reason(fields, *d.said);
    fields["will_retry"] = d.will_retry;
    if (d.will_retry) fields["retry_in_ms"] = to_milliseconds(d.retry_in);
    fields["failures"] = d.attempt;
    if (was_up) fields["uptime_ms"] = to_milliseconds(d.uptime);
    return {was_up ? "down" : "attempt_failed", std::move(fields)};
}

named_event to_event(const mqtt::message_received& m, std::uint64_t number) {
    return {"message", fields_of(m, number)};
}

maybe to_event(const mqtt::event& e) {
    return std::visit(notices{}, e);
}

json_value fields_of(const mqtt::publish_done& d) {
    json_value out = json_value::object();
    if (d.packet_id != 0) out["packet_id"] = d.packet_id;
    // Without an answer there is no code.
    if (!d.failed || mqtt::is_failure(d.code)) put_reason(out, d.code);
    if (d.downgraded) out["downgraded"] = true;
    out["properties"] = to_json(d.props);
    return out;
}

json_value fields_of(const mqtt::subscribe_done& d) {
    return {{"filters", answered(d.asked, d.codes, "granted_qos_0")}, {"properties", to_json(d.props)}};
}

json_value fields_of(const mqtt::unsubscribe_done& d) {
    return {{"filters", answered(d.filters, d.codes, "success")}, {"properties", to_json(d.props)}};
}

json_value fields_of(const mqtt::ping_done& d) {
    if (d.failed) return json_value::object();
    return {{"round_trip_ms", to_milliseconds(d.round_trip)}};
}

json_value fields_of(const mqtt::message_received& m, std::uint64_t number) {
    json_value out = json_value::object();
    if (number != 0) out["number"] = number;
    out["connection"] = m.connection;
    if (m.stored != 0) out["stored"] = m.stored;
    out.update(to_json(m.received));
    return out;
}

} // namespace weir::tool
