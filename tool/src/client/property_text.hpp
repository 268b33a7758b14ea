#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/types/property.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::tool {

/// The property of that name of the standard, in any case, with `-` or `_`: "Content-Type", "content_type".
[[nodiscard]] std::optional<mqtt::property_id> property_named(std::string_view name);

/// Puts one property into `to`, the value as text: a number, a text, any bytes. It takes the place of an
/// earlier one, but for User Properties and Subscription Identifiers, which are appended. A User Property is
/// name=value, and with `is_list` ["name", "value"] or a list of such pairs. The error names the property and
/// says what is allowed.
[[nodiscard]] error put_property(
    mqtt::properties& to, std::string_view name, const std::string& text, bool is_list = false);

/// The same for "name=value", where the value may be encoded: hex:, base64:, file:.
[[nodiscard]] error put_property(mqtt::properties& to, std::string_view assignment);

} // namespace weir::tool
