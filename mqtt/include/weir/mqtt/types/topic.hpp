#pragma once

#include <string_view>

namespace weir::mqtt {

/// 1..65,535 bytes of well-formed UTF-8 without U+0000, `+` or `#` [MQTT 5.0, 4.7].
[[nodiscard]] bool is_topic_name(std::string_view topic) noexcept;

/// As a name, with `#` alone or last after `/` and `+` filling a level; `$share/<name>/<filter>` is checked
/// as a shared subscription [MQTT 5.0, 4.7.1, 4.8.2].
[[nodiscard]] bool is_topic_filter(std::string_view filter) noexcept;

/// Whether `filter` selects `topic`: no normalisation, case matters, a filter that starts with a wildcard
/// never selects a topic that starts with `$`. A shared subscription matches by its inner filter.
[[nodiscard]] bool matches(std::string_view filter, std::string_view topic) noexcept;

/// Whether some topic is matched by both filters.
[[nodiscard]] bool overlaps(std::string_view a, std::string_view b) noexcept;

/// Whether `filter` is meant as a shared subscription; `is_topic_filter` tells whether it is a correct one.
[[nodiscard]] bool is_shared(std::string_view filter) noexcept;

/// The part of `filter` behind `$share/<name>/`, or `filter` itself when it is not shared.
[[nodiscard]] std::string_view inner_filter(std::string_view filter) noexcept;

} // namespace weir::mqtt
