#pragma once

#include <weir/mqtt/types/protocol_version.hpp>

#include <string>
#include <string_view>

namespace weir::conformance {

/// The bytes that `text` means for `version`: hex as `testing::from_hex` reads it, and beside that
/// - `[32: 00 01 "t" 00 07 <p> "x"]` is a packet: first byte, body; the length between them is computed;
/// - `<3 x 26 00 00 00 00>` is what stands there, three times;
/// - `<p>` is an empty property list, one byte 00 on MQTT 5.0 and nothing before.
[[nodiscard]] std::string bytes_of(std::string_view text, mqtt::protocol_version version);

} // namespace weir::conformance
