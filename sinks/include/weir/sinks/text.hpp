#pragma once

#include <string>
#include <string_view>

namespace weir::sinks {

/// Well-formed UTF-8 [RFC 3629]: no overlong forms, surrogates or values beyond U+10FFFF. U+0000 is fine.
[[nodiscard]] bool is_utf8(std::string_view s) noexcept;

/// RFC 4648, with padding.
[[nodiscard]] std::string to_base64(std::string_view s);

} // namespace weir::sinks
