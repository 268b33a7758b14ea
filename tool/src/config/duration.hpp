#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir::tool {

/// "200ms", "1.5s", "2m", "1h", "1d": a number and a unit, whole milliseconds in all. Nothing for anything
/// else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Seconds when they are whole ("30s"), else milliseconds ("200ms").
[[nodiscard]] std::string to_string(std::chrono::milliseconds d);

} // namespace weir::tool
