#pragma once

#include <cstdint>
#include <string>

namespace weir::mqtt {

/// "[::1]" is how an IPv6 address is written beside a port; without the brackets it is the address.
[[nodiscard]] std::string without_brackets(const std::string& host);

/// "localhost:1883", "[::1]:1883".
[[nodiscard]] std::string host_and_port(const std::string& host, std::uint16_t port);

/// Whether it is an IPv4 or IPv6 address, without brackets, and not a name.
[[nodiscard]] bool is_ip_address(const std::string& host);

} // namespace weir::mqtt
