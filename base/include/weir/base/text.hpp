#pragma once

#include <weir/base/time.hpp>

#include <string>
#include <string_view>

namespace weir {

/// Well-formed UTF-8 [RFC 3629]: no overlong forms, surrogates or values beyond U+10FFFF. U+0000 is fine.
[[nodiscard]] bool is_utf8(std::string_view s) noexcept;

/// RFC 4648, with padding.
[[nodiscard]] std::string to_base64(std::string_view s);

/// UTC in ISO 8601 with microseconds: "2025-03-01T08:15:30.000125Z".
[[nodiscard]] std::string to_iso8601(system_time_point t);

} // namespace weir
