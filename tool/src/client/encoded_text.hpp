#pragma once

#include <weir/base/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::tool {

/// The bytes that "hex:0aff", "base64:Cv8=" or "file:/path" stands for; nothing for a text without such a
/// beginning. The error says what is wrong with the rest of it.
[[nodiscard]] result<std::optional<std::string>> decode_text(std::string_view text);

} // namespace weir::tool
