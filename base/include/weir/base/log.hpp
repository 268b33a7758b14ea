#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// One line to the program's log, which is spdlog's default logger: its sinks, level and pattern are the
/// program's to choose. Not for hot paths. Never throws. Thread-safe.
void log(log_level level, std::string_view line) noexcept;

} // namespace weir
