#include "transport/route.hpp"

#include <weir/mqtt/transport/proxy.hpp>
#include <weir/mqtt/transport/unix_socket.hpp>
#include <weir/mqtt/transport/websocket.hpp>

#include <stdexcept>
#include <utility>

namespace weir::mqtt {
namespace {

websocket_options websocket_of(const client_options& options, const endpoint& to, protocol_version version) {
    websocket_options ws;
    ws.path = to.path.empty() ? options.ws_path : to.path;
    ws.query = to.query.empty() ? options.ws_query : to.query;
    ws.headers = options.ws_headers;
    // MQTT 3.1 knew another name [MQTT-6.0.0-3].
    if (version == protocol_version::v3) ws.subprotocols.emplace_back("mqttv3.1");
    ws.default_port = default_port(to.kind);
    return ws;
}

std::unique_ptr<transport> make_base(io_lane& lane, const client_options& options, const endpoint& to) {
    if (options.byte_stream) {
        if (auto own = options.byte_stream(lane)) return own;
        throw std::runtime_error{"it made no stream"};
    }
    if (to.kind == transport_kind::unix_socket) return make_unix_transport(lane);
    return make_tcp_transport(lane, options.tcp_opts);
}

} // namespace

endpoint_defaults defaults_of(const client_options& options) {
    using enum transport_kind;
    const auto plain = options.websocket ? ws : tcp;
    const auto secure = options.websocket ? wss : tls;
    return {.kind = options.ssl ? secure : plain, .port = options.port};
}

std::vector<endpoint> routes_of(const client_options& options) {
    if (options.hosts.empty()) return {parse_endpoint(options.host, defaults_of(options)).value()};
    std::vector<endpoint> all;
    for (const auto& host : options.hosts)
        all.push_back(parse_endpoint(host, defaults_of(options)).value());
    return all;
}

std::unique_ptr<transport> make_transport(
    io_lane& lane, const client_options& options, const endpoint& to, protocol_version version,
    std::shared_ptr<tls_session_cache> sessions) {
    auto stream = make_base(lane, options, to);
    if (!options.proxy.empty())
        stream = make_proxy_transport(lane, std::move(stream), parse_proxy(options.proxy).value());
    if (uses_tls(to.kind))
        stream = make_tls_transport(lane, std::move(stream), options.ssl_opts, std::move(sessions));
    if (uses_websocket(to.kind))
        stream = make_websocket_transport(lane, std::move(stream), websocket_of(options, to, version));
    if (options.low_mem) stream->set_low_mem();
    return stream;
}

} // namespace weir::mqtt
