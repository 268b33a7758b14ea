#pragma once

#include "codec.hpp"

#include <weir/mqtt/transport/tls.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/qos.hpp>

namespace weir::tool {

/// Names of values that files and command lines share.
[[nodiscard]] const names<mqtt::qos>& qos_names();
[[nodiscard]] const names<mqtt::protocol_version>& protocol_names();
[[nodiscard]] const names<mqtt::tls_version>& tls_version_names();

} // namespace weir::tool
