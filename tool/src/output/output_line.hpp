#pragma once

#include <string_view>

namespace weir::tool {

/// Writes to standard output at once. False when nobody reads it any more.
[[nodiscard]] bool write_output(std::string_view text);

} // namespace weir::tool
