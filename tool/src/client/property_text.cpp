#include "property_text.hpp"

#include "config/suggest.hpp"
#include "encoded_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

namespace weir::tool {

namespace {

using id = mqtt::property_id;

constexpr std::uint8_t last_id = 0x2A;

enum class kind : std::uint8_t { number, text, pair };

kind kind_of(id which) {
    switch (which) {
    case id::content_type:
    case id::response_topic:
    case id::correlation_data:
    case id::assigned_client_identifier:
    case id::authentication_method:
    case id::authentication_data:
    case id::response_information:
    case id::server_reference:
    case id::reason_string: return kind::text;
    case id::user_property: return kind::pair;
    default: return kind::number;
    }
}

const std::vector<std::string>& known_names() {
    static const auto list = [] {
        std::vector<std::string> out;
        for (std::uint8_t n = 1; n <= last_id; ++n) {
            const std::string name(mqtt::to_string(static_cast<id>(n)));
            if (name != "unknown") out.push_back(name);
        }
        return out;
    }();
    return list;
}

std::string normal_form(std::string_view name) {
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

error put_number(mqtt::properties& to, id which, const std::string& text) {
    std::uint32_t v{};
    const auto* const end = text.data() + text.size();
    const auto [at, fault] = std::from_chars(text.data(), end, v);
    if (fault != std::errc{} || at != end)
        return failure(fmt::format(
            "{} = {}: allowed: a number, 0..{}", mqtt::to_string(which), text,
            std::numeric_limits<std::uint32_t>::max()));
    if (which == id::subscription_identifier)
        to.append({which, v});
    else
        to.set(which, v);
    return {};
}

bool is_pair(const nlohmann::json& j) {
    return j.is_array() && j.size() == 2 && j[0].is_string() && j[1].is_string();
}

error put_pairs(mqtt::properties& to, const std::string& text) {
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    const auto all = is_pair(parsed) ? nlohmann::json::array({parsed}) : parsed;
    if (!all.is_array() || !std::all_of(all.begin(), all.end(), is_pair))
        return failure(
            "user_property = " + text + ": allowed: name=value, [\"name\", \"value\"], or a list of pairs");
    for (const auto& pair : all)
        to.add_user_property(pair[0].get<std::string>(), pair[1].get<std::string>());
    return {};
}

error put_user_property(mqtt::properties& to, const std::string& text) {
    const auto cut = text.find('=');
    if (cut == std::string::npos)
        return failure("user_property = " + text + ": allowed: name=value, or [\"name\", \"value\"]");
    to.add_user_property(std::string_view(text).substr(0, cut), std::string_view(text).substr(cut + 1));
    return {};
}

} // namespace

std::optional<mqtt::property_id> property_named(std::string_view name) {
    const auto wanted = normal_form(name);
    for (std::uint8_t n = 1; n <= last_id; ++n) {
        if (wanted != "unknown" && wanted == mqtt::to_string(static_cast<id>(n))) return static_cast<id>(n);
    }
    return std::nullopt;
}

error put_property(mqtt::properties& to, std::string_view name, const std::string& text, bool is_list) {
    const auto which = property_named(name);
    if (!which) {
        const auto meant = nearest(name, known_names());
        return failure(fmt::format(
            "{} is no property of MQTT 5.0{}", name, meant ? ", did you mean " + *meant + '?' : ""));
    }
    switch (kind_of(*which)) {
    case kind::number: return put_number(to, *which, text);
    case kind::text: to.set(*which, text); return {};
    case kind::pair: return is_list ? put_pairs(to, text) : put_user_property(to, text);
    }
    return {};
}

error put_property(mqtt::properties& to, std::string_view assignment) {
    const auto cut = assignment.find('=');
    if (cut == std::string_view::npos) return failure(std::string(assignment) + " is not name=value");
    const auto value = std::string(assignment.substr(cut + 1));
    const auto decoded = decode_text(value);
    if (!decoded) return decoded.error();
    return put_property(to, assignment.substr(0, cut), decoded->value_or(value));
}

} // namespace weir::tool
