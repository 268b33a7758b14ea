#include <weir/base/text.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace weir {

namespace {

struct lead_byte {
    std::size_t length; ///< of the whole sequence, 0 when no sequence starts with this byte
    unsigned char low;  ///< bounds of the second byte: they exclude overlong forms and surrogates
    unsigned char high;
};

lead_byte classify(unsigned char c) noexcept {
    if (c < 0x80) return {1, 0, 0};
    if (c < 0xC2) return {0, 0, 0};
    if (c < 0xE0) return {2, 0x80, 0xBF};
    if (c == 0xE0) return {3, 0xA0, 0xBF};
    if (c == 0xED) return {3, 0x80, 0x9F};
    if (c < 0xF0) return {3, 0x80, 0xBF};
    if (c == 0xF0) return {4, 0x90, 0xBF};
    if (c < 0xF4) return {4, 0x80, 0xBF};
    if (c == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

/// Length of the sequence at the start of `s`, 0 when there is none.
std::size_t sequence_length(std::string_view s) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const auto lead = classify(at(0));
    if (lead.length < 2) return lead.length;
    if (s.size() < lead.length || at(1) < lead.low || at(1) > lead.high) return 0;
    for (std::size_t i = 2; i < lead.length; ++i) {
        if ((at(i) & 0xC0) != 0x80) return 0;
    }
    return lead.length;
}

} // namespace

bool is_utf8(std::string_view s) noexcept {
    while (!s.empty()) {
        const auto length = sequence_length(s);
        if (length == 0) return false;
        s.remove_prefix(length);
    }
    return true;
}

std::string to_base64(std::string_view s) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((s.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < s.size(); i += 3) {
        const auto byte = [&](std::size_t k) -> std::uint32_t {
            return i + k < s.size() ? static_cast<unsigned char>(s[i + k]) : 0;
        };
        const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += i + 1 < s.size() ? alphabet[group >> 6 & 63] : '=';
        out += i + 2 < s.size() ? alphabet[group & 63] : '=';
    }
    return out;
}

std::string to_iso8601(system_time_point t) {
    using namespace std::chrono;
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss time{floor<microseconds>(t - day)};
    std::array<char, 64> text{};
    const auto length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace weir
