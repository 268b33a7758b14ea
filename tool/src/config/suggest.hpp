#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::tool {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other; case and
/// the difference between `-` and `_` do not count.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that was probably meant, or nothing when none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

} // namespace weir::tool
