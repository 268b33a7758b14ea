#pragma once

#include "codec.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// Where in a message the text stands by which it is placed: its topic, a level of that, or a field of its
/// payload. A default-made one is the topic.
struct selector {
    std::size_t level{0};             ///< of the topic, from 1; 0: another
    std::vector<std::string> field{}; ///< names from the outermost object inwards; empty: another

    friend bool operator==(const selector&, const selector&) = default;
};

/// "topic", "topic:3" or "json:vehicle.id". Nothing for anything else.
[[nodiscard]] std::optional<selector> parse_selector(std::string_view text);

[[nodiscard]] std::string to_string(const selector& s);

[[nodiscard]] codec<selector> selector_codec();

} // namespace weir::tool
