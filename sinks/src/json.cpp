#include <weir/base/text.hpp>
#include <weir/sinks/json.hpp>

#include <nlohmann/json.hpp>

namespace weir::sinks {

namespace {

using json = nlohmann::ordered_json;

/// Text under `key`, anything else in base64 under `key_base64`: both forms can be told apart by the name.
void put_text_or_base64(json& to, std::string_view key, std::string_view value) {
    if (is_utf8(value)) {
        to[std::string(key)] = std::string(value);
    } else {
        to[std::string(key) + "_base64"] = to_base64(value);
    }
}

void put_property(json& to, const mqtt::property& p) {
    const std::string key(mqtt::to_string(p.id));
    if (const auto* number = std::get_if<std::uint32_t>(&p.value)) {
        if (p.id == mqtt::property_id::subscription_identifier) {
            to[key].push_back(*number);
        } else {
            to[key] = *number;
        }
    } else if (const auto* text = std::get_if<bytes>(&p.value)) {
        put_text_or_base64(to, key, text->text());
    } else {
        const auto& [name, value] = std::get<mqtt::string_pair>(p.value);
        to[key].push_back(json::array({std::string(name.text()), std::string(value.text())}));
    }
}

json to_object(const mqtt::properties& list) {
    json out = json::object();
    for (const auto& p : list)
        put_property(out, p);
    return out;
}

/// What a peer sent as text was checked when it was decoded; a value that is not UTF-8 all the same must not
/// make the whole batch fail.
std::string dump(const json& j) {
    return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

json received(const record& r) {
    json line = json::object();
    line["topic"] = std::string(r.topic);
    put_text_or_base64(line, "payload", r.payload);
    line["qos"] = static_cast<int>(r.qos);
    line["retain"] = r.retain;
    line["dup"] = r.dup;
    line["client_id"] = std::string(r.client_id);
    line["received_at"] = to_iso8601(r.received_at);
    return line;
}

void put_properties(json& to, const record& r) {
    to["properties"] = r.properties == nullptr ? json::object() : to_object(*r.properties);
}

} // namespace

std::string to_json(const mqtt::properties& p) {
    return p.empty() ? "{}" : dump(to_object(p));
}

std::string to_json_line(const record& r) {
    auto line = received(r);
    line["attempt"] = r.attempt;
    put_properties(line, r);
    return dump(line);
}

std::string to_json_line(const record& r, pipeline::failure_stage stage, std::string_view reason) {
    auto line = received(r);
    line["attempts"] = r.attempt;
    line["stage"] = std::string(pipeline::to_string(stage));
    line["reason"] = std::string(reason);
    put_properties(line, r);
    return dump(line);
}

} // namespace weir::sinks
