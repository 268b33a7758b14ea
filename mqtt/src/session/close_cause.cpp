#include "session/close_cause.hpp"

namespace weir::mqtt {

bool is_fatal_connack(reason_code code) noexcept {
    switch (code) {
    case reason_code::malformed_packet:
    case reason_code::protocol_error:
    case reason_code::unsupported_protocol_version:
    case reason_code::client_identifier_not_valid:
    case reason_code::bad_user_name_or_password:
    case reason_code::not_authorized:
    case reason_code::banned:
    case reason_code::bad_authentication_method:
    case reason_code::topic_name_invalid:
    case reason_code::packet_too_large:
    case reason_code::payload_format_invalid:
    case reason_code::retain_not_supported:
    case reason_code::qos_not_supported: return true;
    default: return false;
    }
}

bool is_fatal_connack(connect_return_code code) noexcept {
    return code != connect_return_code::accepted && code != connect_return_code::server_unavailable;
}

bool is_fatal_disconnect(reason_code code) noexcept {
    return code == reason_code::session_taken_over || code == reason_code::malformed_packet ||
           code == reason_code::protocol_error;
}

std::string reference_in(reason_code code, const properties& props) {
    if (code != reason_code::use_another_server && code != reason_code::server_moved) return {};
    return std::string(props.text(property_id::server_reference).value_or(std::string_view{}));
}

} // namespace weir::mqtt
