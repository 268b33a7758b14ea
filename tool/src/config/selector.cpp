#include "selector.hpp"

#include <charconv>

namespace weir::tool {

namespace {

constexpr std::string_view whole_topic = "topic";
constexpr std::string_view of_topic = "topic:";
constexpr std::string_view of_payload = "json:";

std::optional<selector> parse_level(std::string_view number) {
    constexpr std::size_t most = 1'000; // far beyond any topic's levels
    std::size_t level = 0;
    const auto* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, level);
    if (error != std::errc{} || stop != end || level == 0 || level > most) return std::nullopt;
    return selector{.level = level};
}

std::optional<selector> parse_field(std::string_view path) {
    selector out;
    while (true) {
        const auto dot = path.find('.');
        out.field.emplace_back(path.substr(0, dot));
        if (out.field.back().empty()) return std::nullopt;
        if (dot == std::string_view::npos) return out;
        path.remove_prefix(dot + 1);
    }
}

} // namespace

std::optional<selector> parse_selector(std::string_view text) {
    if (text == whole_topic) return selector{};
    if (text.starts_with(of_topic)) return parse_level(text.substr(of_topic.size()));
    if (text.starts_with(of_payload)) return parse_field(text.substr(of_payload.size()));
    return std::nullopt;
}

std::string to_string(const selector& s) {
    if (s.level != 0) return std::string(of_topic) + std::to_string(s.level);
    if (s.field.empty()) return std::string(whole_topic);
    std::string out;
    for (const auto& name : s.field)
        out += (out.empty() ? std::string(of_payload) : ".") + name;
    return out;
}

codec<selector> selector_codec() {
    return {
        R"("topic", "topic:N", its N-th level from 1, or "json:a.b", a field of a JSON payload)",
        [](const toml::node& n) -> std::optional<selector> {
            const auto* const v = n.as_string();
            return v == nullptr ? std::nullopt : parse_selector(v->get());
        },
        [](const selector& s) { return toml_string(to_string(s)); }};
}

} // namespace weir::tool
