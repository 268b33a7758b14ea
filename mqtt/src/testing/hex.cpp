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

/// The text up to `last`, which closes what begins at `from`; `from` is moved behind it.
std::string_view enclosed(std::string_view text, std::size_t& from, char last) {
    const auto end = text.find(last, from + 1);
    if (end == std::string_view::npos) refuse(text, "a quote or a parenthesis is not closed");
    const auto inside = text.substr(from + 1, end - from - 1);
    from = end + 1;
    return inside;
}

char pair_at(std::string_view text, std::size_t from) {
    if (from + 1 >= text.size() || digit(text[from]) < 0 || digit(text[from + 1]) < 0)
        refuse(text, "expected pairs of hexadecimal digits");
    return static_cast<char>(digit(text[from]) * 16 + digit(text[from + 1]));
}

} // namespace

std::string from_hex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
            ++i;
        } else if (text[i] == '"') {
            out += enclosed(text, i, '"');
        } else if (text[i] == '(') {
            (void)enclosed(text, i, ')');
        } else {
            out += pair_at(text, i);
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
