#include "codec/check_properties.hpp"

#include "codec/property_codec.hpp"
#include "codec/utf8.hpp"
#include "codec/varint.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::size_t longest_field = 65'535;

using text_fault = std::optional<std::string>;

bool has_value_of(const property& p, property_type type) noexcept {
    switch (type) {
    case property_type::string:
    case property_type::binary: return std::holds_alternative<bytes>(p.value);
    case property_type::name_value: return std::holds_alternative<string_pair>(p.value);
    default: return std::holds_alternative<std::uint32_t>(p.value);
    }
}

std::string_view kind_of(property_type type) noexcept {
    switch (type) {
    case property_type::string: return "a string";
    case property_type::binary: return "binary data";
    case property_type::name_value: return "a name and a value";
    default: return "a number";
    }
}

text_fault check_text(std::string_view name, std::string_view text, property_type type) {
    if (text.size() > longest_field)
        return std::string(name) + " holds at most 65535 bytes, got " + std::to_string(text.size());
    if (type != property_type::binary && !is_utf8_string(text))
        return std::string(name) + " is not a UTF-8 string";
    return std::nullopt;
}

text_fault check_texts(const property& p, const property_rule& rule) {
    const auto name = to_string(p.id);
    if (const auto* text = std::get_if<bytes>(&p.value)) return check_text(name, text->text(), rule.type);
    if (const auto* pair = std::get_if<string_pair>(&p.value)) {
        if (auto fault = check_text(name, pair->first.text(), rule.type)) return fault;
        return check_text(name, pair->second.text(), rule.type);
    }
    return std::nullopt;
}

text_fault check_one(const property& p, property_place place, property_set& seen) {
    const property_rule* rule = find_rule(static_cast<std::uint32_t>(p.id));
    if (rule == nullptr) return "there is no property " + std::to_string(static_cast<int>(p.id));
    if (auto fault = check_place(p.id, *rule, place, peer::client)) return std::move(fault->text);
    const std::string name{to_string(p.id)};
    if (!seen.add(p.id) && !rule->repeatable_in(place)) return name + " may be given only once";
    if (!has_value_of(p, rule->type)) return name + " takes " + std::string(kind_of(rule->type));
    if (auto fault = check_texts(p, *rule)) return fault;
    if (auto fault = check_value(p, *rule)) return std::move(fault->text);
    return std::nullopt;
}

} // namespace

std::optional<error> check_properties_of(
    property_place place, const properties& props, protocol_version version) {
    if (props.empty()) return std::nullopt;
    if (version != protocol_version::v5)
        return error{
            errc::unsupported_by_version, std::string(to_string(props.begin()->id)) + " needs v5, this is " +
                                              std::string(to_string(version))};
    property_set seen;
    for (const property& p : props)
        if (auto fault = check_one(p, place, seen)) return error{errc::property_invalid, std::move(*fault)};
    if (seen.has(property_id::authentication_data) && !seen.has(property_id::authentication_method))
        return error{errc::property_invalid, "authentication_data without authentication_method"};
    if (const auto size = properties_size(props); size > max_varint)
        return error{
            errc::property_invalid, "the properties take " + std::to_string(size) + " bytes together"};
    return std::nullopt;
}

std::optional<error> check_properties(const properties& props, packet_type in, protocol_version version) {
    return check_properties_of(place_of(in), props, version);
}

} // namespace weir::mqtt
