#pragma once

#include "config/file_config.hpp"

#include <string>

namespace weir::tool {

/// Says what a run is going to do: a line of from where, what, to where, and one for each promise that holds.
/// `c` must be free of faults.
[[nodiscard]] std::string describe(const file_config& c);

} // namespace weir::tool
