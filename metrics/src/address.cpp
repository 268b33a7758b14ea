#include <weir/metrics/server.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace weir::metrics {

namespace {

bool is_port(const std::string& text) {
    std::uint16_t port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    return fault == std::errc{} && end == text.data() + text.size();
}

bool is_address(int family, const std::string& text) {
    in6_addr address{}; // has room for both
    return ::inet_pton(family, text.c_str(), &address) == 1;
}

} // namespace

/// Strict, since the server would take much more than an address here.
bool is_listen_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || !is_port(text.substr(colon + 1))) return false;
    const auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return is_address(AF_INET6, host.substr(1, host.size() - 2));
    return is_address(AF_INET, host);
}

} // namespace weir::metrics
