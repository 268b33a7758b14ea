#include <weir/mqtt/types/errc_name.hpp>

namespace weir::mqtt {

std::string_view to_string(errc e) noexcept {
    switch (e) {
    case errc::option_invalid: return "option_invalid";
    case errc::resolve_failed: return "resolve_failed";
    case errc::connect_refused: return "connect_refused";
    case errc::unreachable: return "unreachable";
    case errc::connect_timeout: return "connect_timeout";
    case errc::tls_failed: return "tls_failed";
    case errc::tls_verify_failed: return "tls_verify_failed";
    case errc::proxy_failed: return "proxy_failed";
    case errc::ws_upgrade_failed: return "ws_upgrade_failed";
    case errc::credentials_failed: return "credentials_failed";
    case errc::connack_refused: return "connack_refused";
    case errc::auth_failed: return "auth_failed";
    case errc::server_disconnect: return "server_disconnect";
    case errc::session_taken_over: return "session_taken_over";
    case errc::peer_closed: return "peer_closed";
    case errc::io_error: return "io_error";
    case errc::write_timeout: return "write_timeout";
    case errc::keepalive_timeout: return "keepalive_timeout";
    case errc::local_close: return "local_close";
    case errc::malformed_packet: return "malformed_packet";
    case errc::protocol_error: return "protocol_error";
    case errc::packet_too_large: return "packet_too_large";
    case errc::ack_timeout: return "ack_timeout";
    case errc::disconnected: return "disconnected";
    case errc::not_connected: return "not_connected";
    case errc::rejected: return "rejected";
    case errc::topic_name_invalid: return "topic_name_invalid";
    case errc::topic_filter_invalid: return "topic_filter_invalid";
    case errc::payload_too_large: return "payload_too_large";
    case errc::property_invalid: return "property_invalid";
    case errc::qos_not_supported: return "qos_not_supported";
    case errc::retain_not_supported: return "retain_not_supported";
    case errc::wildcard_not_supported: return "wildcard_not_supported";
    case errc::shared_not_supported: return "shared_not_supported";
    case errc::subid_not_supported: return "subid_not_supported";
    case errc::unsupported_by_version: return "unsupported_by_version";
    case errc::queue_full: return "queue_full";
    case errc::expired: return "expired";
    case errc::timeout_unconfirmed: return "timeout_unconfirmed";
    case errc::session_lost: return "session_lost";
    case errc::aborted: return "aborted";
    case errc::already_acked: return "already_acked";
    case errc::gave_up: return "gave_up";
    case errc::oversize_loop: return "oversize_loop";
    case errc::no_response_topic: return "no_response_topic";
    case errc::auth_not_configured: return "auth_not_configured";
    case errc::busy: return "busy";
    case errc::store_full: return "store_full";
    case errc::store_locked: return "store_locked";
    case errc::store_mismatch: return "store_mismatch";
    case errc::store_corrupt: return "store_corrupt";
    }
    return "unknown";
}

} // namespace weir::mqtt
