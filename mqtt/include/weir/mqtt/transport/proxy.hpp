#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/transport/transport.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::mqtt {

class io_lane;

enum class proxy_kind : std::uint8_t { http_connect, socks5 };

/// Who makes the connection to the broker on the client's behalf, and resolves its name.
struct proxy_options {
    proxy_kind kind{proxy_kind::http_connect};
    std::string host{};
    std::uint16_t port{0};
    std::string username{}; ///< empty: none is given
    std::string password{}; ///< never printed

    friend bool operator==(const proxy_options&, const proxy_options&) = default;
};

/// Reads "http://[user:password@]host[:port]" or "socks5://[user:password@]host[:port]"; the ports are 3128
/// and 1080 when left out, and characters of user and password may stand as %XX. `errc::option_invalid`
/// otherwise, without repeating the text.
[[nodiscard]] result<proxy_options> parse_proxy(std::string_view uri);

/// The stream that the proxy makes (HTTP CONNECT, RFC 9110, 9.3.6; SOCKS version 5, RFC 1928 and 1929). What
/// the proxy refuses is `proxy_failed`. `below` leads to the proxy.
[[nodiscard]] std::unique_ptr<transport> make_proxy_transport(
    io_lane& lane, std::unique_ptr<transport> below, proxy_options options);

} // namespace weir::mqtt
