#include "codec.hpp"

#include <fmt/format.h>

namespace weir::tool {

namespace {

using namespace std::chrono;

std::optional<std::string> string_in(const toml::node& n) {
    const auto* const v = n.as_string();
    return v == nullptr ? std::nullopt : std::optional(v->get());
}

std::optional<std::vector<std::string>> strings_in(const toml::node& n) {
    const auto* const list = n.as_array();
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> out;
    for (const auto& element : *list) {
        auto one = string_in(element);
        if (!one) return std::nullopt;
        out.push_back(std::move(*one));
    }
    return out;
}

std::optional<std::uint32_t> seconds_in(const toml::node& n, std::uint32_t most) {
    if (const auto* const v = n.as_integer()) {
        if (v->get() < 0 || v->get() > most) return std::nullopt;
        return static_cast<std::uint32_t>(v->get());
    }
    const auto spelled = string_in(n);
    const auto span = spelled ? parse_duration(*spelled) : std::nullopt;
    if (!span || span->count() % 1'000 != 0 || span->count() / 1'000 > most) return std::nullopt;
    return static_cast<std::uint32_t>(span->count() / 1'000);
}

using pair_list = std::vector<std::pair<std::string, std::string>>;

std::optional<std::pair<std::string, std::string>> read_pair(const toml::node& n) {
    const auto* const both = n.as_array();
    if (both == nullptr || both->size() != 2 || !both->is_homogeneous(toml::node_type::string))
        return std::nullopt;
    return std::pair{*both->get(0)->value<std::string>(), *both->get(1)->value<std::string>()};
}

std::optional<pair_list> read_pairs(const toml::node& n) {
    const auto* const all = n.as_array();
    if (all == nullptr) return std::nullopt;
    pair_list out;
    for (const auto& element : *all) {
        auto pair = read_pair(element);
        if (!pair) return std::nullopt;
        out.push_back(std::move(*pair));
    }
    return out;
}

std::string write_pairs(const pair_list& pairs) {
    std::string out;
    for (const auto& [name, v] : pairs)
        out += (out.empty() ? "[" : ", [") + toml_string(name) + ", " + toml_string(v) + ']';
    return '[' + out + ']';
}

} // namespace

codec<pair_list> text_pairs() {
    return {"an array of [\"name\", \"value\"] pairs", read_pairs, write_pairs};
}

codec<std::string> text(std::string allowed) {
    return {std::move(allowed), string_in, [](const std::string& v) { return toml_string(v); }};
}

codec<bool> flag() {
    return {
        "true or false",
        [](const toml::node& n) -> std::optional<bool> {
            const auto* const v = n.as_boolean();
            return v == nullptr ? std::nullopt : std::optional(v->get());
        },
        [](bool v) { return std::string(v ? "true" : "false"); }};
}

codec<milliseconds> time_span() {
    return {
        "a duration with its unit, such as \"200ms\", \"30s\" or \"2m\"",
        [](const toml::node& n) -> std::optional<milliseconds> {
            const auto spelled = string_in(n);
            return spelled ? parse_duration(*spelled) : std::nullopt;
        },
        [](milliseconds v) { return toml_string(to_string(v)); }};
}

codec<std::uint32_t> second_count(std::uint32_t most) {
    return {
        fmt::format("seconds, 0..{}, or a duration such as \"90s\" or \"2m\"", most),
        [most](const toml::node& n) { return seconds_in(n, most); },
        [](std::uint32_t v) { return std::to_string(v); }};
}

codec<double> number(double low, double high) {
    return {
        fmt::format("a number, {}..{}", low, high),
        [=](const toml::node& n) -> std::optional<double> {
            const auto v = n.is_number() ? n.value<double>() : std::nullopt;
            return v && *v >= low && *v <= high ? v : std::nullopt;
        },
        [](double v) { return fmt::format("{}", v); }};
}

codec<std::vector<std::string>> text_list(std::string allowed) {
    return {std::move(allowed), strings_in, [](const std::vector<std::string>& v) {
                return '[' + join_quoted(v) + ']';
            }};
}

std::string range_text(std::int64_t low, std::int64_t high) {
    if (high == std::numeric_limits<std::int64_t>::max()) return fmt::format("an integer, at least {}", low);
    return fmt::format("an integer, {}..{}", low, high);
}

std::string join_quoted(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& name : list)
        out += (out.empty() ? "" : ", ") + toml_string(name);
    return out;
}

} // namespace weir::tool
