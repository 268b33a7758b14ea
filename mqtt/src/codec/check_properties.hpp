#pragma once

#include "codec/property_table.hpp"

#include <weir/base/error.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/protocol_version.hpp>

#include <optional>

namespace weir::mqtt {

/// What a client wants to send as properties of `place`.
[[nodiscard]] std::optional<error> check_properties_of(
    property_place place, const properties& props, protocol_version version);

} // namespace weir::mqtt
