#include "require.hpp"
#include "tape.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/transport/proxy.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// Texts and numbers of the options, any of them wrong: the check must bear them all, and what passes it must
/// be usable. No secret may be in what it says.
namespace weir::fuzz {
namespace {

using namespace weir::mqtt;

constexpr std::string_view secret = "hunter2-secret";

client_options options_from(tape& t) {
    constexpr protocol_version versions[]{protocol_version::v3, protocol_version::v4, protocol_version::v5};
    client_options o;
    o.proto_ver = versions[t.below(3)];
    o.host = t.text();
    o.port = static_cast<std::uint16_t>(t.byte() << 8 | t.byte());
    for (auto hosts = t.below(3); hosts != 0; --hosts)
        o.hosts.emplace_back(t.text());
    o.clientid = t.text();
    if (t.flag()) o.username = t.text();
    if (t.flag()) o.password = std::string{secret};
    o.ssl = t.flag();
    o.websocket = t.flag();
    o.ws_path = t.text();
    o.ws_query = t.text();
    if (t.flag()) o.ws_headers.emplace_back(t.text(), t.text());
    o.proxy = t.text();
    if (t.flag()) o.will = will{.topic = std::string{t.text()}, .payload = std::string{t.text()}};
    o.keepalive = std::chrono::seconds{t.byte() * 300};
    o.connect_timeout = std::chrono::milliseconds{t.byte()};
    o.max_inflight = t.byte();
    o.receive_maximum = t.byte();
    o.receive_window = t.byte();
    o.maximum_packet_size = t.byte();
    o.raw_acks = t.flag();
    o.bridge_mode = t.flag();
    o.strict_utf8 = t.flag();
    o.auth_method = t.text();
    o.response_prefix = t.text();
    for (auto properties = t.below(4); properties != 0; --properties)
        o.props.set(static_cast<property_id>(t.byte()), std::uint32_t{t.byte()});
    if (t.flag()) o.session_expiry = t.byte();
    return o;
}

/// What an endpoint prints is read as the same endpoint.
void check_endpoint(std::string_view text) {
    const auto read = parse_endpoint(text);
    if (!read) return;
    require(!read->host.empty(), "an endpoint has a host");
    if (read->kind == transport_kind::unix_socket) return;
    require(read->port != 0, "an endpoint has a port");
    const auto again = parse_endpoint(read->text(), {.kind = read->kind});
    require(again && again->host == read->host && again->port == read->port, "an endpoint is what it prints");
}

void run(std::string_view input) {
    if (input.find(secret) != std::string_view::npos) return; // which would be no secret
    check_endpoint(input);
    if (const auto proxy = parse_proxy(input)) require(proxy->port != 0, "a proxy has a port");
    tape t{input};
    const auto o = options_from(t);
    const auto faults = check(o, "config.");
    for (const auto& f : faults) {
        require(
            f.path.starts_with("config.") && !f.allowed.empty(),
            "a fault has a name and says what is allowed");
        require(f.value.find(secret) == std::string::npos, "no secret is printed");
    }
    if (faults.empty()) require(!routes_of(o).empty(), "options without faults lead somewhere");
}

} // namespace
} // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
