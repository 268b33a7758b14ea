#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/session/closing_packet.hpp>
#include <weir/mqtt/types/errc.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace weir::mqtt {

/// Why a connection has to end.
struct close_cause {
    error reason{};
    bool fatal{false};                     ///< trying again by itself makes no sense
    std::optional<reason_code> farewell{}; ///< of the DISCONNECT to send first, on v5 after CONNACK
    std::string server_reference{};        ///< where the server sends the client
    std::optional<closing_packet> said{};  ///< by the server, when it was the one to end it
};

/// The server broke a rule. Worth another try: the next connection may go to a sound server.
[[nodiscard]] inline close_cause violation(reason_code code, std::string text) {
    const auto kind = code == reason_code::malformed_packet   ? errc::malformed_packet
                      : code == reason_code::packet_too_large ? errc::packet_too_large
                                                              : errc::protocol_error;
    return {error{make_error_code(kind), std::move(text)}, false, code};
}

/// The server that the client is sent to; empty when the code does not say so.
[[nodiscard]] std::string reference_in(reason_code code, const properties& props);

/// CONNACK codes after which a client that changes nothing will be refused again.
[[nodiscard]] bool is_fatal_connack(reason_code code) noexcept;
[[nodiscard]] bool is_fatal_connack(connect_return_code code) noexcept;

/// DISCONNECT codes after which reconnecting does harm or cannot help; most of all a takeover, where two
/// clients of one id would throw each other out for ever.
[[nodiscard]] bool is_fatal_disconnect(reason_code code) noexcept;

} // namespace weir::mqtt
