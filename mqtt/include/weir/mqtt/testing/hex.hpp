#pragma once

#include <string>
#include <string_view>

namespace weir::mqtt::testing {

/// "30 05 00" to the bytes meant: pairs of hexadecimal digits, white space anywhere between pairs. A word in
/// double quotes stands for its own characters, `00 04 "MQTT"`, and what stands in parentheses is a comment,
/// `30 (PUBLISH) 03 (length)`. Throws `std::invalid_argument` otherwise.
[[nodiscard]] std::string from_hex(std::string_view text);

/// Pairs of digits with blanks between; bytes beyond `most` are only counted.
[[nodiscard]] std::string to_hex(std::string_view bytes, std::size_t most = 96);

} // namespace weir::mqtt::testing
