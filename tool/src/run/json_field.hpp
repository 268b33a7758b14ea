#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::tool {

/// The value at `path`, names from the outermost object inwards, in a JSON text: a string's content, a number
/// or true or false as it is spelled. Nothing for anything else and where there is none. Reads no further
/// than to that value and keeps nothing of what comes before it.
[[nodiscard]] std::optional<std::string> json_field(std::string_view text, std::span<const std::string> path);

} // namespace weir::tool
