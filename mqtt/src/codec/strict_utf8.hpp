#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <optional>
#include <string_view>

/// What the standard advises against beyond what it forbids: control characters and non-characters, which a
/// receiver may take for a reason to close [MQTT 5.0, 1.5.4]. Only asked with the option `strict_utf8`.
namespace weir::mqtt {

/// Whether `text`, well-formed, holds neither U+0001..U+001F, U+007F..U+009F nor a non-character.
[[nodiscard]] bool is_strict_utf8(std::string_view text) noexcept;

[[nodiscard]] std::optional<error> check_strict_utf8(const publish& p);
[[nodiscard]] std::optional<error> check_strict_utf8(const subscribe& p);
[[nodiscard]] std::optional<error> check_strict_utf8(const unsubscribe& p);
[[nodiscard]] std::optional<error> check_strict_utf8(const will& w);

/// Those that are strings, and the names and values of User Properties.
[[nodiscard]] std::optional<error> check_strict_utf8(const properties& props);

} // namespace weir::mqtt
