#pragma once

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/endpoint.hpp>

#include <memory>

namespace weir::mqtt {

class io_lane;

/// What a host without a scheme means under these options.
[[nodiscard]] endpoint_defaults defaults_of(const client_options& options);

/// The stream that leads to `to`, layer upon layer, for MQTT of `version`, to which the client may have
/// fallen back from that of the options. TLS sessions are taken from and left in `sessions`.
[[nodiscard]] std::unique_ptr<transport> make_transport(
    io_lane& lane, const client_options& options, const endpoint& to, protocol_version version,
    std::shared_ptr<tls_session_cache> sessions);

} // namespace weir::mqtt
