#pragma once

#include "config/file_config.hpp"

#include <string>

namespace weir::tool {

/// One line that says what a run is going to do: from where, what, to where.
[[nodiscard]] std::string describe(const file_config& c);

/// What is promised for every message under this configuration.
[[nodiscard]] std::string guarantee(const file_config& c);

} // namespace weir::tool
