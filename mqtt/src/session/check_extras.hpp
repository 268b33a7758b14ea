#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/session/session.hpp>

#include <optional>

namespace weir::mqtt {

/// Why a CONNECT of `version` cannot carry what was made for it alone, or nothing. Credentials are not looked
/// at: who asks for them does.
[[nodiscard]] std::optional<error> check_extras(
    const connect_extras& extras, protocol_version version, bool strict_utf8);

} // namespace weir::mqtt
