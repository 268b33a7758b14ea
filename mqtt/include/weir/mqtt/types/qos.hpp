#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mqtt {

/// Quality of Service [MQTT 5.0, 4.3].
enum class qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// "at_most_once", "at_least_once" or "exactly_once".
[[nodiscard]] std::string_view to_string(qos level) noexcept;

} // namespace weir::mqtt
