#include "duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace weir::tool {

namespace {

std::optional<double> milliseconds_in(std::string_view unit) {
    static constexpr std::array<std::pair<std::string_view, double>, 5> units{
        {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3'600e3}, {"d", 86'400e3}}};
    for (const auto& [name, length] : units) {
        if (name == unit) return length;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    double number = 0;
    const auto* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (parsed.ec != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
    const auto unit = milliseconds_in({parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)});
    if (!unit) return std::nullopt;
    const double total = number * *unit;
    const double whole = std::round(total);
    // Beyond 2^53 a double no longer holds every whole number; that is 285,000 years.
    if (whole > 9e15 || std::abs(total - whole) > 1e-6) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(whole)};
}

std::string to_string(std::chrono::milliseconds d) {
    if (d.count() % 1'000 == 0) return std::to_string(d.count() / 1'000) + "s";
    return std::to_string(d.count()) + "ms";
}

} // namespace weir::tool
