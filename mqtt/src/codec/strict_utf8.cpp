#include "codec/strict_utf8.hpp"

#include "codec/property_table.hpp"
#include "codec/quote.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <cstdint>
#include <string>

namespace weir::mqtt {
namespace {

/// Cuts the first character off `text`, which is well-formed.
std::uint32_t next_character(std::string_view& text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const unsigned length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t character = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (unsigned i = 1; i < length; ++i)
        character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    text.remove_prefix(length);
    return character;
}

bool is_control(std::uint32_t c) noexcept {
    return c <= 0x1F || (c >= 0x7F && c <= 0x9F);
}

bool is_non_character(std::uint32_t c) noexcept {
    return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

std::optional<error> check_text(errc kind, std::string_view name, std::string_view text) {
    if (is_strict_utf8(text)) return std::nullopt;
    return error{kind, std::string(name) + " " + quote(text) + " has control or non-characters"};
}

std::optional<error> check_one(const property& p) {
    const auto name = to_string(p.id);
    if (const auto* pair = std::get_if<string_pair>(&p.value)) {
        if (auto f = check_text(errc::property_invalid, name, pair->first.text())) return f;
        return check_text(errc::property_invalid, name, pair->second.text());
    }
    const auto* rule = find_rule(static_cast<std::uint32_t>(p.id));
    const auto* text = std::get_if<bytes>(&p.value);
    if (text == nullptr || rule == nullptr || rule->type != property_type::string) return std::nullopt;
    return check_text(errc::property_invalid, name, text->text());
}

} // namespace

bool is_strict_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto c = next_character(text);
        if (is_control(c) || is_non_character(c)) return false;
    }
    return true;
}

std::optional<error> check_strict_utf8(const publish& p) {
    if (auto f = check_text(errc::topic_name_invalid, "the topic", p.topic.text())) return f;
    return check_strict_utf8(p.props);
}

std::optional<error> check_strict_utf8(const subscribe& p) {
    for (const auto& s : p.subscriptions)
        if (auto f = check_text(errc::topic_filter_invalid, "the filter", s.filter)) return f;
    return check_strict_utf8(p.props);
}

std::optional<error> check_strict_utf8(const unsubscribe& p) {
    for (const auto& filter : p.filters)
        if (auto f = check_text(errc::topic_filter_invalid, "the filter", filter)) return f;
    return check_strict_utf8(p.props);
}

std::optional<error> check_strict_utf8(const will& w) {
    if (auto f = check_text(errc::topic_name_invalid, "the topic", w.topic)) return f;
    return check_strict_utf8(w.props);
}

std::optional<error> check_strict_utf8(const properties& props) {
    for (const property& p : props)
        if (auto f = check_one(p)) return f;
    return std::nullopt;
}

} // namespace weir::mqtt
