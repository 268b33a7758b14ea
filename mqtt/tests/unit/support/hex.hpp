#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>

#include <cctype>
#include <string>
#include <string_view>

namespace weir::mqtt::test {

/// Bytes written as hex digits, with blanks where they please the eye. Text in single quotes stands for its
/// characters: "30 07 00 01 't' 'data'".
inline std::string raw(std::string_view hex) {
    std::string out;
    const auto nibble = [](char c) { return std::isdigit(c) ? c - '0' : std::tolower(c) - 'a' + 10; };
    for (std::size_t i = 0; i < hex.size();) {
        if (hex[i] == ' ') {
            ++i;
        } else if (hex[i] == '\'') {
            const auto end = hex.find('\'', i + 1);
            out += hex.substr(i + 1, end - i - 1);
            i = end + 1;
        } else {
            out += static_cast<char>(nibble(hex[i]) << 4 | nibble(hex[i + 1]));
            i += 2;
        }
    }
    return out;
}

inline std::string to_hex(std::string_view data) {
    std::string out;
    for (const char c : data) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        if (!out.empty()) out += ' ';
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

/// All that waits in `buffer`.
inline std::string content(const output_buffer& buffer) {
    std::string out;
    for (const auto segment : buffer.segments())
        out.append(reinterpret_cast<const char*>(segment.data()), segment.size());
    return out;
}

} // namespace weir::mqtt::test
