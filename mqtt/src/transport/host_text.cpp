#include "transport/host_text.hpp"

#include <arpa/inet.h>

#include <array>

namespace weir::mqtt {

std::string without_brackets(const std::string& host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
    return host;
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
    const bool bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
    return (bare_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

bool is_ip_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

} // namespace weir::mqtt
