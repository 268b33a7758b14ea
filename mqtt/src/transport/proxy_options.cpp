#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/transport/proxy.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::uint16_t http_port = 3128;
constexpr std::uint16_t socks_port = 1080;
constexpr std::size_t longest_secret = 255; // RFC 1929

error refusal(const std::string& what) {
    return {errc::option_invalid, what};
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const char* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
            return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

bool read_user(std::string_view text, proxy_options& to) {
    const auto colon = text.find(':');
    const auto user = decoded(text.substr(0, colon));
    const auto password = colon == std::string_view::npos ? std::string{} : decoded(text.substr(colon + 1));
    if (!user || !password || user->empty()) return false;
    if (user->size() > longest_secret || password->size() > longest_secret) return false;
    to.username = *user;
    to.password = *password;
    return true;
}

} // namespace

result<proxy_options> parse_proxy(std::string_view uri) {
    proxy_options out;
    const auto cut = uri.find("://");
    const auto scheme = uri.substr(0, cut);
    if (cut == std::string_view::npos || (scheme != "http" && scheme != "socks5"))
        return refusal("it begins neither with http:// nor with socks5://");
    out.kind = scheme == "http" ? proxy_kind::http_connect : proxy_kind::socks5;
    auto rest = uri.substr(cut + 3);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        if (!read_user(rest.substr(0, at), out))
            return refusal("user and password are at most 255 bytes each, the user at least one");
        rest.remove_prefix(at + 1);
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto port = out.kind == proxy_kind::http_connect ? http_port : socks_port;
    const auto place = parse_endpoint(rest, {.port = port});
    if (!place || rest.find("://") != std::string_view::npos) return refusal("host or port are not valid");
    out.host = place->host;
    out.port = place->port;
    return out;
}

} // namespace weir::mqtt
