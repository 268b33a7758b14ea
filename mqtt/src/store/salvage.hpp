#pragma once

#include <weir/mqtt/store/store_options.hpp>

#include <string>
#include <vector>

namespace weir::mqtt {

/// Makes a sound store at `path` of a damaged one: what can be read is taken over, the damaged file stays
/// beside it as "<path>.damaged". Returns what was found, nothing when the store was sound. Throws
/// `database_error` when not even that can be done, and when somebody else has the store.
[[nodiscard]] std::vector<std::string> salvage(const std::string& path, const store_options& options);

} // namespace weir::mqtt
