#include "arguments.hpp"

#include "client/property_text.hpp"
#include "config/duration.hpp"
#include "config/names.hpp"
#include "config/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir::tool {

namespace {

constexpr std::string_view property_prefix = "properties.";

[[noreturn]] void refuse(const std::string& name, const std::string& text, const std::string& allowed) {
    throw bad_command(fmt::format("{} = {}: allowed: {}", name, text, allowed));
}

std::optional<std::uint64_t> parse_number(const std::string& text) {
    std::uint64_t v{};
    const bool is_hex = text.starts_with("0x");
    const auto* const begin = text.data() + (is_hex ? 2 : 0);
    const auto* const end = text.data() + text.size();
    const auto [at, fault] = std::from_chars(begin, end, v, is_hex ? 16 : 10);
    return fault == std::errc{} && at == end ? std::optional(v) : std::nullopt;
}

std::optional<mqtt::reason_code> reason_named(const std::string& text) {
    for (int n = 0; n <= 0xFF; ++n) {
        const auto code = static_cast<mqtt::reason_code>(n);
        if (text != "unknown" && mqtt::to_string(code) == text) return code;
    }
    return text == "normal_disconnection" ? std::optional(mqtt::reason_code::normal_disconnection)
                                          : std::nullopt;
}

} // namespace

std::uint64_t to_number(
    const std::string& name, const std::string& text, std::uint64_t low, std::uint64_t high) {
    const auto v = parse_number(text);
    if (!v || *v < low || *v > high) refuse(name, text, fmt::format("an integer, {}..{}", low, high));
    return *v;
}

std::chrono::milliseconds to_span(const std::string& name, const std::string& text) {
    const auto v = parse_duration(text);
    if (!v) refuse(name, text, "a duration with its unit, such as 200ms, 30s or 2m");
    return *v;
}

mqtt::qos to_qos(const std::string& text) {
    if (text == "0" || text == "1" || text == "2") return static_cast<mqtt::qos>(text[0] - '0');
    if (const auto v = find_name(qos_names(), text)) return *v;
    refuse("qos", text, "0, 1, 2, at_most_once, at_least_once, exactly_once");
}

bool to_flag(const std::string& name, const std::string& text) {
    if (text != "true" && text != "false") refuse(name, text, "true or false");
    return text == "true";
}

std::optional<word> arguments::positional(const std::string& name) {
    if (auto given = value(name)) return given;
    return value({});
}

word arguments::needed(const std::string& name) {
    auto given = positional(name);
    if (!given) throw bad_command(name + " is missing");
    return std::move(*given);
}

std::vector<std::string> arguments::rest(const std::string& name) {
    std::vector<std::string> out;
    while (auto given = positional(name))
        out.push_back(std::move(given->text));
    return out;
}

std::vector<word>::iterator arguments::find(const std::string& key) {
    return std::find_if(words_.begin(), words_.end(), [&](const word& w) { return w.key == key; });
}

std::optional<word> arguments::value(const std::string& key) {
    if (!key.empty() && std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
    const auto found = find(key);
    if (found == words_.end()) return std::nullopt;
    auto w = std::move(*found);
    words_.erase(found);
    return w;
}

bool arguments::flag(const std::string& key, bool otherwise) {
    const auto w = value(key);
    return w ? to_flag(key, w->text) : otherwise;
}

std::uint64_t arguments::number(
    const std::string& key, std::uint64_t low, std::uint64_t high, std::uint64_t otherwise) {
    const auto w = value(key);
    return w ? to_number(key, w->text, low, high) : otherwise;
}

std::optional<std::chrono::milliseconds> arguments::span(const std::string& key) {
    const auto w = value(key);
    return w ? std::optional(to_span(key, w->text)) : std::nullopt;
}

mqtt::qos arguments::qos() {
    const auto w = value("qos");
    return w ? to_qos(w->text) : mqtt::qos::at_most_once;
}

mqtt::reason_code arguments::reason(mqtt::reason_code otherwise) {
    const auto w = value("reason_code");
    if (!w) return otherwise;
    if (const auto code = reason_named(w->text)) return *code;
    const auto n = parse_number(w->text);
    if (!n || *n > 0xFF)
        refuse("reason_code", w->text, "0..255, 0x00..0xFF, or a name such as quota_exceeded");
    return static_cast<mqtt::reason_code>(*n);
}

mqtt::properties arguments::properties() {
    known_.push_back("properties.NAME");
    mqtt::properties out;
    for (const auto& w : words_) {
        if (!w.key.starts_with(property_prefix)) continue;
        if (const auto fault = put_property(
                out, w.key.substr(property_prefix.size()), w.text, w.spelled == word::form::bracketed))
            throw bad_command("properties." + fault.detail);
    }
    std::erase_if(words_, [](const word& w) { return w.key.starts_with(property_prefix); });
    return out;
}

std::vector<word> arguments::everything() {
    return std::exchange(words_, {});
}

void arguments::finish() const {
    if (words_.empty()) return;
    const auto& w = words_.front();
    const auto here = known_.empty() ? "none" : fmt::format("{}", fmt::join(known_, ", "));
    if (w.key.empty()) throw bad_command(fmt::format("unexpected word {} (keys here: {})", w.text, here));
    if (std::find(known_.begin(), known_.end(), w.key) != known_.end())
        throw bad_command(w.key + " is there twice");
    const auto meant = nearest(w.key, known_);
    throw bad_command(fmt::format(
        "unknown key {}{} (keys here: {})", w.key, meant ? ", did you mean " + *meant + '?' : "", here));
}

} // namespace weir::tool
