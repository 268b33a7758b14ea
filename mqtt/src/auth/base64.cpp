#include "auth/base64.hpp"

#include <openssl/evp.h>

namespace weir::mqtt {
namespace {

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

std::string to_base64(std::string_view data) {
    std::string text((data.size() + 2) / 3 * 4 + 1, '\0'); // it writes a zero behind
    const int size = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), bytes_of(data), static_cast<int>(data.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string data(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(data.data()), bytes_of(text), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    const auto padding = text.size() - (text.find_last_not_of('=') + 1);
    if (padding > 2) return std::nullopt;
    data.resize(static_cast<std::size_t>(size) - padding);
    // The decoder forgives spaces around the text and bits behind the last byte.
    if (to_base64(data) != text) return std::nullopt;
    return data;
}

} // namespace weir::mqtt
