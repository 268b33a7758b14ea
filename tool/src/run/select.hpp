#pragma once

#include "config/selector.hpp"

#include <string>
#include <string_view>

namespace weir::tool {

/// The text of a message that `s` names; empty where the message has none.
[[nodiscard]] std::string select(const selector& s, std::string_view topic, std::string_view payload);

} // namespace weir::tool
