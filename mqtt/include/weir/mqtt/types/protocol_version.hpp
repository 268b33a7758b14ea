#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mqtt {

/// The value is the protocol level of CONNECT. `v3` is MQTT 3.1, `v4` is 3.1.1, `v5` is 5.0.
enum class protocol_version : std::uint8_t { v3 = 3, v4 = 4, v5 = 5 };

/// "v3", "v4" or "v5", the names of the option `proto_ver`.
[[nodiscard]] std::string_view to_string(protocol_version version) noexcept;

} // namespace weir::mqtt
