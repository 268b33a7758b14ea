#include "session/check_extras.hpp"

#include "codec/strict_utf8.hpp"
#include "session/authentication.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <string>

namespace weir::mqtt {
namespace {

std::optional<error> fault_of(const will& w, protocol_version version, bool strict) {
    auto fault = check_outgoing(w, version);
    if (!fault && strict) fault = check_strict_utf8(w);
    if (fault) fault->detail = "the will for this connection: " + fault->detail;
    return fault;
}

std::optional<error> fault_of(const connect_extras& extras, protocol_version version, bool strict) {
    auth said{reason_code::continue_authentication, {}};
    add_authentication(said.props, extras.auth_method, extras.auth);
    // Only what AUTH can carry is part of an exchange, and CONNECT does not carry all of that.
    auto fault = check_outgoing(said, version);
    if (!fault) fault = check_properties(said.props, packet_type::connect, version);
    if (!fault && strict) fault = check_strict_utf8(said.props);
    if (fault) return error{errc::auth_failed, "what the authenticator says first: " + fault->message()};
    return fault;
}

} // namespace

std::optional<error> check_extras(const connect_extras& extras, protocol_version version, bool strict_utf8) {
    if (extras.will && *extras.will)
        if (auto fault = fault_of(**extras.will, version, strict_utf8)) return fault;
    return extras.auth_method.empty() ? std::nullopt : fault_of(extras, version, strict_utf8);
}

} // namespace weir::mqtt
