#include "schemas.hpp"

namespace weir::tool {

namespace {

using id = mqtt::property_id;
using list = schema<mqtt::properties>;

entry<mqtt::properties> number(id which, std::int64_t low, std::int64_t high, const std::string& doc) {
    return value_by<mqtt::properties, std::uint32_t>(
        std::string(mqtt::to_string(which)), integer<std::uint32_t>(low, high), doc,
        [which](const mqtt::properties& from) { return from.number(which); },
        [which](mqtt::properties& to, std::uint32_t v) { to.set(which, v); });
}

entry<mqtt::properties> string(id which, const std::string& doc) {
    return value_by<mqtt::properties, std::string>(
        std::string(mqtt::to_string(which)), text(), doc,
        [which](const mqtt::properties& from) -> std::optional<std::string> {
            const auto v = from.text(which);
            return v ? std::optional<std::string>(*v) : std::nullopt;
        },
        [which](mqtt::properties& to, const std::string& v) { to.set(which, v); });
}

using pair_list = std::vector<std::pair<std::string, std::string>>;

std::optional<pair_list> user_properties_of(const mqtt::properties& from) {
    pair_list out;
    for (const auto& p : from) {
        if (const auto* const pair = std::get_if<mqtt::string_pair>(&p.value))
            out.emplace_back(pair->first.text(), pair->second.text());
    }
    return out.empty() ? std::nullopt : std::optional(out);
}

entry<mqtt::properties> user_property() {
    return value_by<mqtt::properties, pair_list>(
        "user_property", text_pairs(), "names may repeat, order is kept", user_properties_of,
        [](mqtt::properties& to, const pair_list& v) {
            for (const auto& [name, val] : v)
                to.add_user_property(name, val);
        });
}

entry<mqtt::properties> has_option(id which, const std::string& option) {
    return refused<mqtt::properties>(
        std::string(mqtt::to_string(which)), "" + option + " sets this property");
}

} // namespace

const list& connect_properties_schema() {
    static const list s{
        user_property(),
        number(id::request_response_information, 0, 1, "ask for Response Information"),
        has_option(id::session_expiry_interval, "producer.config.session_expiry"),
        has_option(id::receive_maximum, "producer.max_inflight"),
        has_option(id::maximum_packet_size, "producer.config.maximum_packet_size"),
        has_option(id::topic_alias_maximum, "producer.config.topic_alias_maximum"),
        has_option(id::request_problem_information, "producer.config.request_problem_information"),
    };
    return s;
}

const list& will_properties_schema() {
    static const list s{
        number(id::will_delay_interval, 0, 0xFFFF'FFFF, "seconds the broker waits before it publishes"),
        number(id::payload_format_indicator, 0, 1, "1: the payload is UTF-8"),
        number(id::message_expiry_interval, 0, 0xFFFF'FFFF, "seconds"),
        string(id::content_type, "of the payload"),
        string(id::response_topic, "where an answer goes"),
        string(id::correlation_data, "ties an answer to this message"),
        user_property(),
    };
    return s;
}

} // namespace weir::tool
