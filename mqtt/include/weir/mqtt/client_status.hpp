#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mqtt {

/// What a client is about, as of the last turn of its lane.
enum class client_status : std::uint8_t {
    initialized,         ///< not started, or it gave up
    loading,             ///< reads the session store
    resolve,             ///< connecting: asks for the addresses of the host
    tcp,                 ///< connecting, also to a Unix socket or a stream of the application's own
    proxy,               ///< connecting: asks the proxy for the way
    tls,                 ///< connecting: the handshake
    websocket,           ///< connecting: the upgrade
    authenticating,      ///< asks the application who it is, or proves it to the server, before CONNACK
    waiting_for_connack, ///< CONNECT is on its way
    connected,
    draining,  ///< connected, after `drain`, or leaving in good order
    reconnect, ///< waits for the next attempt
    stopped,   ///< for ever
};

/// "waiting_for_connack" and so on.
[[nodiscard]] std::string_view to_string(client_status status) noexcept;

} // namespace weir::mqtt
