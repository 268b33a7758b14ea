#include "encoded_text.hpp"

#include "payload_source.hpp"

#include <weir/base/text.hpp>

#include <openssl/evp.h>

#include <exception>
#include <utility>

namespace weir::tool {

namespace {

using decoded = result<std::optional<std::string>>;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

decoded from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return failure("hex: needs an even number of digits");
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return failure("hex: takes the digits 0..9, a..f");
        out += static_cast<char>(high * 16 + low);
    }
    return std::optional(std::move(out));
}

decoded from_base64(std::string_view text) {
    const auto fault = [] { return failure("base64: needs RFC 4648 with its padding"); };
    if (text.size() % 4 != 0) return fault();
    std::string out(text.size() / 4 * 3, '\0');
    const int n = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size()));
    if (n < 0) return fault();
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    out.resize(static_cast<std::size_t>(n) - padding);
    // OpenSSL reads over blanks and stray padding; what it read is written otherwise then.
    if (to_base64(out) != text) return fault();
    return std::optional(std::move(out));
}

decoded from_file(std::string_view path) {
    if (path == "-") return failure("file: needs a path; standard input has the commands");
    try {
        return std::optional(read_all(std::string(path)));
    } catch (const std::exception& e) {
        return failure(e.what());
    }
}

} // namespace

decoded decode_text(std::string_view text) {
    if (text.starts_with("hex:")) return from_hex(text.substr(4));
    if (text.starts_with("base64:")) return from_base64(text.substr(7));
    if (text.starts_with("file:")) return from_file(text.substr(5));
    return std::optional<std::string>{};
}

} // namespace weir::tool
