#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// Base64 with padding [RFC 4648, 4].
[[nodiscard]] std::string to_base64(std::string_view data);

/// Nothing when `text` is not exactly that.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace weir::mqtt
