#include <weir/mqtt/types/errc.hpp>

#include <string>

namespace weir::mqtt {
namespace {

const char* sentence(errc e) noexcept {
    switch (e) {
    case errc::option_invalid: return "an option has a value that is not allowed";
    case errc::resolve_failed: return "the host name could not be resolved";
    case errc::connect_refused: return "the host refused the connection";
    case errc::unreachable: return "the host could not be reached";
    case errc::connect_timeout: return "the connection was not established in time";
    case errc::tls_failed: return "the TLS connection could not be made or was ended";
    case errc::tls_verify_failed: return "the server's certificate is not accepted";
    case errc::proxy_failed: return "the proxy did not connect to the server";
    case errc::ws_upgrade_failed: return "the server did not agree to a WebSocket";
    case errc::credentials_failed: return "the credentials for the connection could not be had";
    case errc::connack_refused: return "the server refused the connection";
    case errc::auth_failed: return "the authentication failed";
    case errc::server_disconnect: return "the server ended the connection with DISCONNECT";
    case errc::session_taken_over:
        return "another client with the same client identifier took over the session";
    case errc::peer_closed: return "the server closed the connection";
    case errc::io_error: return "reading from or writing to the connection failed";
    case errc::write_timeout: return "the connection accepted no data in time";
    case errc::keepalive_timeout: return "the server did not answer a ping in time";
    case errc::local_close: return "the client closed the connection";
    case errc::malformed_packet: return "the server sent a malformed packet";
    case errc::protocol_error: return "the server broke the protocol";
    case errc::packet_too_large: return "a packet is larger than the receiver accepts";
    case errc::ack_timeout: return "the server did not answer the request in time";
    case errc::disconnected: return "the connection was lost before the operation was answered";
    case errc::not_connected: return "there is no connection to the server";
    case errc::rejected: return "the server rejected the request";
    case errc::topic_name_invalid: return "not a valid topic name";
    case errc::topic_filter_invalid: return "not a valid topic filter";
    case errc::payload_too_large: return "the payload is too large";
    case errc::property_invalid: return "a property is unknown, misplaced, repeated or out of range";
    case errc::qos_not_supported: return "the server does not support this quality of service";
    case errc::retain_not_supported: return "the server does not support retained messages";
    case errc::wildcard_not_supported: return "the server does not support wildcard subscriptions";
    case errc::shared_not_supported: return "the server does not support shared subscriptions";
    case errc::subid_not_supported: return "the server does not support subscription identifiers";
    case errc::unsupported_by_version:
        return "the protocol version of this client does not have this feature";
    case errc::queue_full: return "the send queue is full";
    case errc::expired: return "the message expired before it could be sent";
    case errc::timeout_unconfirmed: return "the message was sent and not answered in time";
    case errc::session_lost: return "the server no longer has the session";
    case errc::aborted: return "the client was stopped before the operation was answered";
    case errc::already_acked: return "the message is already acknowledged";
    case errc::no_response_topic: return "the message names no topic for a response";
    case errc::auth_not_configured: return "the client has no authentication method";
    case errc::busy: return "an operation of this kind is under way";
    case errc::store_full: return "the session store is full";
    case errc::store_locked: return "the session store is in use";
    case errc::store_mismatch: return "the session store is not one for this client";
    case errc::store_corrupt: return "the session store is damaged";
    case errc::oversize_loop:
        return "the server sends a message larger than maximum_packet_size again and again";
    case errc::gave_up: return "the client has given up reconnecting";
    }
    return "an unknown MQTT error";
}

class category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "mqtt"; }

    [[nodiscard]] std::string message(int value) const override { return sentence(static_cast<errc>(value)); }
};

} // namespace

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace weir::mqtt
