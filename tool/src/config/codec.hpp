#pragma once

#include "duration.hpp"
#include "reader.hpp"

#include <toml++/toml.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::tool {

/// How one kind of value stands in a file: both directions, and the words for what is allowed.
template <class T>
struct codec {
    using value_type = T;

    std::string allowed{};
    std::function<std::optional<T>(const toml::node&)> read{};
    std::function<std::string(const T&)> write{};
};

[[nodiscard]] codec<std::string> text(std::string allowed = "a string");
[[nodiscard]] codec<bool> flag();

/// A number with a unit; a bare number is refused, since nobody can tell what it counts.
[[nodiscard]] codec<std::chrono::milliseconds> time_span();

/// Whole seconds up to `most`, bare or with a unit: the two options that always counted seconds.
[[nodiscard]] codec<std::uint32_t> second_count(std::uint32_t most);

/// Any number, whole or not.
[[nodiscard]] codec<double> number(double low, double high);

/// An array of strings.
[[nodiscard]] codec<std::vector<std::string>> text_list(std::string allowed);

/// An array of pairs of strings; the first of a pair may repeat.
[[nodiscard]] codec<std::vector<std::pair<std::string, std::string>>> text_pairs();

[[nodiscard]] std::string range_text(std::int64_t low, std::int64_t high);

template <std::integral Int>
[[nodiscard]] codec<Int> integer(
    std::int64_t low, std::int64_t high = std::numeric_limits<std::int64_t>::max()) {
    return {
        range_text(low, high),
        [=](const toml::node& n) -> std::optional<Int> {
            const auto* const v = n.as_integer();
            if (v == nullptr || v->get() < low || v->get() > high) return std::nullopt;
            return static_cast<Int>(v->get());
        },
        [](Int v) { return std::to_string(v); }};
}

/// The names of an enumeration's values; the first name of a value is the one that is written.
template <class Enum>
using names = std::vector<std::pair<std::string, Enum>>;

[[nodiscard]] std::string join_quoted(const std::vector<std::string>& list);

template <class Enum>
[[nodiscard]] std::optional<Enum> find_name(const names<Enum>& list, std::string_view name) {
    for (const auto& [known, value] : list) {
        if (known == name) return value;
    }
    return std::nullopt;
}

template <class Enum>
[[nodiscard]] std::string name_of(const names<Enum>& list, Enum value) {
    for (const auto& [known, v] : list) {
        if (v == value) return known;
    }
    return {};
}

template <class Enum>
[[nodiscard]] std::vector<std::string> all_names(const names<Enum>& list) {
    std::vector<std::string> out;
    for (const auto& entry : list)
        out.push_back(entry.first);
    return out;
}

template <class Enum>
[[nodiscard]] codec<Enum> one_of(names<Enum> list) {
    auto allowed = join_quoted(all_names(list));
    return {
        std::move(allowed),
        [list](const toml::node& n) -> std::optional<Enum> {
            const auto* const v = n.as_string();
            return v == nullptr ? std::nullopt : find_name(list, v->get());
        },
        [list](Enum v) { return toml_string(name_of(list, v)); }};
}

/// The same enumeration by name or, as the standard counts, by number.
template <class Enum>
[[nodiscard]] codec<Enum> one_of_or_number(names<Enum> list, std::int64_t most) {
    auto base = one_of(list);
    return {
        "0.." + std::to_string(most) + " or " + base.allowed,
        [base, most](const toml::node& n) -> std::optional<Enum> {
            const auto* const v = n.as_integer();
            if (v == nullptr) return base.read(n);
            if (v->get() < 0 || v->get() > most) return std::nullopt;
            return static_cast<Enum>(v->get());
        },
        base.write};
}

/// A codec of one type used for another: `to` and `from` convert between them.
template <class T, class Inner, class To, class From>
[[nodiscard]] codec<T> converted(codec<Inner> inner, To to, From from) {
    return {
        inner.allowed,
        [inner, to](const toml::node& n) -> std::optional<T> {
            const auto v = inner.read(n);
            if (!v) return std::nullopt;
            return to(*v);
        },
        [inner, from](const T& v) { return inner.write(from(v)); }};
}

} // namespace weir::tool
