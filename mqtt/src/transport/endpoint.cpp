#include "transport/host_text.hpp"

#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace weir::mqtt {
namespace {

struct scheme {
    std::string_view name;
    transport_kind kind;
};

constexpr std::array schemes{
    scheme{"mqtt", transport_kind::tcp},  scheme{"tcp", transport_kind::tcp},
    scheme{"mqtts", transport_kind::tls}, scheme{"ssl", transport_kind::tls},
    scheme{"tls", transport_kind::tls},   scheme{"ws", transport_kind::ws},
    scheme{"wss", transport_kind::wss},   scheme{"unix", transport_kind::unix_socket},
};

constexpr std::string_view known_schemes = "mqtt, tcp, mqtts, ssl, tls, ws, wss, unix";

error refusal(const std::string& what) {
    return {errc::option_invalid, what};
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::optional<transport_kind> kind_of(std::string_view name) {
    const auto known = std::find_if(
        schemes.begin(), schemes.end(), [wanted = lower(name)](const auto& s) { return s.name == wanted; });
    if (known == schemes.end()) return std::nullopt;
    return known->kind;
}

result<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (ec != std::errc{} || end != text.data() + text.size() || port == 0)
        return refusal("port \"" + std::string(text) + "\" is not 1..65535");
    return port;
}

bool is_host_character(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > ' ' && u != 0x7F && std::string_view{"/?#@[]\\\"<>"}.find(c) == std::string_view::npos;
}

/// An address, which may name a zone: "fe80::1%eth0".
bool is_address(const std::string& host) {
    return is_ip_address(host.substr(0, host.find('%')));
}

/// Host and port of "name:port", "[::1]:port" and the like, into `to`.
std::optional<error> read_authority(std::string_view text, endpoint& to) {
    std::string_view host = text;
    std::string_view port;
    const bool bracketed = text.starts_with('[');
    const auto host_end = bracketed ? text.find(']') : std::string_view::npos;
    if (bracketed && host_end == std::string_view::npos) return refusal("a bracket is not closed");
    const auto colon = text.find(':', bracketed ? host_end : 0);
    // More than one colon without brackets is an IPv6 address and no port.
    const bool several =
        colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos;
    const bool address = bracketed || several;
    if (colon != std::string_view::npos && (bracketed || !several)) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        const auto number = port_of(port);
        if (!number) return number.error();
        to.port = *number;
    }
    to.host = without_brackets(std::string{host});
    if (to.host.empty()) return refusal("there is no host");
    if (address && !is_address(to.host)) return refusal("\"" + to.host + "\" is not an address");
    if (!std::all_of(to.host.begin(), to.host.end(), is_host_character))
        return refusal("\"" + to.host + "\" is not a name or an address");
    return std::nullopt;
}

std::optional<error> read_target(std::string_view target, endpoint& to) {
    if (target.empty() || target == "/") return std::nullopt;
    if (!uses_websocket(to.kind))
        return refusal("only a WebSocket has a path, not \"" + std::string(target) + "\"");
    const auto mark = target.find('?');
    to.path = target.substr(0, mark);
    if (mark != std::string_view::npos) to.query = target.substr(mark + 1);
    return std::nullopt;
}

result<endpoint> parse_uri(std::string_view name, std::string_view rest, std::uint16_t port) {
    const auto kind = kind_of(name);
    if (!kind)
        return refusal("scheme \"" + std::string(name) + "\" is none of " + std::string(known_schemes));
    endpoint out{.kind = *kind};
    if (*kind == transport_kind::unix_socket) {
        if (!rest.starts_with('/')) return refusal("unix:// is followed by an absolute path");
        out.host = rest;
        return out;
    }
    const auto end = std::min(rest.find_first_of("/?#"), rest.size());
    if (rest.substr(0, end).find('@') != std::string_view::npos)
        return refusal("a URI with a user name; username and password are options of their own");
    if (auto fault = read_authority(rest.substr(0, end), out)) return *std::move(fault);
    if (auto fault = read_target(rest.substr(end), out)) return *std::move(fault);
    if (out.port == 0) out.port = port != 0 ? port : default_port(out.kind);
    return out;
}

} // namespace

std::string_view to_string(transport_kind kind) noexcept {
    switch (kind) {
    case transport_kind::tcp: return "tcp";
    case transport_kind::tls: return "tls";
    case transport_kind::ws: return "ws";
    case transport_kind::wss: return "wss";
    case transport_kind::unix_socket: return "unix";
    }
    return "?";
}

std::uint16_t default_port(transport_kind kind) noexcept {
    switch (kind) {
    case transport_kind::tcp: return 1883;
    case transport_kind::tls: return 8883;
    case transport_kind::ws: return 80;
    case transport_kind::wss: return 443;
    case transport_kind::unix_socket: return 0;
    }
    return 0;
}

std::string endpoint::text() const {
    return kind == transport_kind::unix_socket ? host : host_and_port(host, port);
}

result<endpoint> parse_endpoint(std::string_view text, endpoint_defaults defaults) {
    if (const auto cut = text.find("://"); cut != std::string_view::npos)
        return parse_uri(text.substr(0, cut), text.substr(cut + 3), defaults.port);
    endpoint out{.kind = defaults.kind};
    if (auto fault = read_authority(text, out)) return *std::move(fault);
    if (out.port == 0) out.port = defaults.port != 0 ? defaults.port : default_port(out.kind);
    return out;
}

} // namespace weir::mqtt
