#pragma once

#include <weir/mqtt/types/errc.hpp>

#include <string_view>

namespace weir::mqtt {

/// The enumerator's name, e.g. "connect_refused"; "unknown" for a value that is none. For logs and protocols
/// that compare by name; `message()` has the sentence for people.
[[nodiscard]] std::string_view to_string(errc e) noexcept;

} // namespace weir::mqtt
