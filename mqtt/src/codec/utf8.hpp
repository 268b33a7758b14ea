#pragma once

#include <string_view>

namespace weir::mqtt {

/// A UTF-8 Encoded String of the standard: well-formed, without surrogates, overlong forms and U+0000;
/// control characters, non-characters and a leading U+FEFF are allowed [MQTT-1.5.4-1, -2, -3]. Length is not
/// checked.
[[nodiscard]] bool is_utf8_string(std::string_view text) noexcept;

} // namespace weir::mqtt
