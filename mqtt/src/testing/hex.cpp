#include <weir/mqtt/testing/hex.hpp>

#include <cctype>
#include <stdexcept>

namespace weir::mqtt::testing {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

[[noreturn]] void refuse(std::string_view text, const char* why) {
    throw std::invalid_argument{"hex \"" + std::string{text} + "\": " + why};
}

} // namespace

std::string from_hex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
            ++i;
        } else if (text[i] == '"') {
            const auto end = text.find('"', i + 1);
            if (end == std::string_view::npos) refuse(text, "a quote is not closed");
            out += text.substr(i + 1, end - i - 1);
            i = end + 1;
        } else {
            if (i + 1 == text.size() || digit(text[i]) < 0 || digit(text[i + 1]) < 0)
                refuse(text, "expected pairs of hexadecimal digits");
            out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
            i += 2;
        }
    }
    return out;
}

std::string to_hex(std::string_view bytes, std::size_t most) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : bytes.substr(0, most)) {
        const auto value = static_cast<unsigned char>(c);
        if (!out.empty()) out += ' ';
        out += digits[value >> 4];
        out += digits[value & 0xF];
    }
    if (bytes.size() > most) out += " and " + std::to_string(bytes.size() - most) + " bytes more";
    return out;
}

} // namespace weir::mqtt::testing
