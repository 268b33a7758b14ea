#include "require.hpp"
#include "tape.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/endpoint.hpp>
#include <weir/mqtt/transport/proxy.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// Texts and numbers of the options, any of them wrong: the check must bear them all, and what passes it must
/// be usable. No secret may be in what it says.
namespace weir::fuzz {
namespace {

using namespace weir::mqtt;

constexpr std::string_view secret = "hunter2-secret";

std::chrono::milliseconds pause(tape& t) {
    return std::chrono::milliseconds{t.byte() * 50};
}

/// One of an enumeration's first `count` values.
template <class Enum>
Enum one_of(tape& t, std::uint8_t count) {
    return static_cast<Enum>(t.below(count));
}

void choose_transport(client_options& o, tape& t) {
    auto& tls = o.ssl_opts;
    tls.cacertfile = t.text();
    tls.certfile = t.text();
    tls.keyfile = t.text();
    tls.key_password = t.flag() ? std::string{secret} : std::string{};
    tls.ciphers = t.text();
    tls.server_name_indication = t.text();
    tls.min_version = one_of<tls_version>(t, 4);
    if (t.flag()) tls.max_version = one_of<tls_version>(t, 4);
    tls.verify = one_of<tls_verify>(t, 2);
    if (t.flag()) o.tcp_opts.keepalive.emplace();
    o.tcp_opts.bind_interface = t.text();
    o.host_order = one_of<host_order>(t, 3);
    o.follow_server_reference = t.flag();
    o.low_mem = t.flag();
}

void choose_bounds(client_options& o, tape& t) {
    o.send_queue_messages = t.byte();
    o.send_queue_bytes = t.byte();
    o.send_queue_policy = one_of<send_queue_policy>(t, 3);
    o.queue_while_disconnected = one_of<queue_while_disconnected>(t, 3);
    o.qos0_buffer_messages = t.byte();
    o.qos0_buffer_bytes = t.byte();
    o.qos0_buffer_policy = one_of<qos0_buffer_policy>(t, 4);
    o.receive_bytes = t.byte();
    o.read_ahead_bytes = t.byte();
    o.topic_alias_maximum = t.byte();
    o.alias_bytes = t.byte();
    o.topic_alias_out = one_of<topic_alias_out>(t, 2);
    o.max_requests = t.byte();
    o.oversize = one_of<oversize>(t, 2);
}

void choose_session(client_options& o, tape& t) {
    for (auto versions = t.below(3); versions != 0; --versions)
        o.proto_fallback.push_back(static_cast<protocol_version>(3 + t.below(3)));
    if (t.flag()) o.clean_start = t.flag();
    o.clean_start_always = t.flag();
    o.store.path = t.text();
    o.store.bytes = t.byte();
    o.store.qos1 = t.flag();
    o.qos2_receive = one_of<qos2_receive>(t, 2);
    o.auto_ack = t.flag();
    o.confirm_release = t.flag();
    if (t.flag()) o.reconnect = t.byte();
    o.backoff_min = pause(t);
    o.backoff_max = pause(t);
    o.stable_after = pause(t);
    o.retry_interval = pause(t);
    if (t.flag()) o.ping_timeout = pause(t);
    o.resubscribe = one_of<resubscribe>(t, 3);
    if (!o.will) return;
    o.will->qos = one_of<qos>(t, 4);
    o.will->retain = t.flag();
    for (auto properties = t.below(4); properties != 0; --properties)
        o.will->props.set(static_cast<property_id>(t.byte()), std::uint32_t{t.byte()});
}

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
    choose_transport(o, t);
    choose_bounds(o, t);
    choose_session(o, t);
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
