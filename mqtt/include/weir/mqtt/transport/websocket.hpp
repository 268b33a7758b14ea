#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::mqtt {

class io_lane;

/// How a WebSocket is asked for (RFC 6455).
struct websocket_options {
    std::string path{"/mqtt"};
    std::string query{};                                        ///< without the question mark
    std::vector<std::pair<std::string, std::string>> headers{}; ///< further ones of the request
    std::vector<std::string> subprotocols{"mqtt"};              ///< offered; the answer must have one of them
    std::uint16_t default_port{80};                             ///< not repeated in the Host header

    friend bool operator==(const websocket_options&, const websocket_options&) = default;
};

/// A WebSocket over the stream `below`, binary frames only [MQTT-6.0.0-1]. Redirects are not followed; an
/// answer that is not the upgrade asked for is `ws_upgrade_failed`.
[[nodiscard]] std::unique_ptr<transport> make_websocket_transport(
    io_lane& lane, std::unique_ptr<transport> below, websocket_options options);

} // namespace weir::mqtt
