#pragma once

#include <system_error>

namespace weir::mqtt {

/// What can go wrong in the client. Each value has a sentence (`message()`); particulars such as the reason
/// code, the phase or the errno stand in `weir::error::detail`.
enum class errc {
    option_invalid = 1,
    // reaching the broker
    resolve_failed,
    connect_refused,
    unreachable,
    connect_timeout,
    tls_failed,
    tls_verify_failed,
    proxy_failed,
    ws_upgrade_failed,
    credentials_failed,
    connack_refused,
    auth_failed,
    // losing it
    server_disconnect,
    session_taken_over,
    peer_closed,
    io_error,
    write_timeout,
    keepalive_timeout,
    local_close,
    // what it sent
    malformed_packet,
    protocol_error,
    packet_too_large,
    // operations
    ack_timeout,
    disconnected,
    not_connected,
    rejected,
    topic_name_invalid,
    topic_filter_invalid,
    payload_too_large,
    property_invalid,
    qos_not_supported,
    retain_not_supported,
    wildcard_not_supported,
    shared_not_supported,
    subid_not_supported,
    unsupported_by_version,
    queue_full,
    expired,
    timeout_unconfirmed,
    session_lost,
    aborted,
    already_acked,
    gave_up,
    oversize_loop,
    no_response_topic,
    auth_not_configured,
    busy,
    // the session store
    store_full,
    store_locked,
    store_mismatch,
    store_corrupt,
};

[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), error_category()};
}

} // namespace weir::mqtt

template <>
struct std::is_error_code_enum<weir::mqtt::errc> : std::true_type {};
