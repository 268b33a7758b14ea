#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// `prefix` and that many characters of 0-9 and a-z, drawn from the system's random source: by default within
/// the 23 characters that every server takes [MQTT-3.1.3-5]. What a client without an id on MQTT 3.x has for
/// its life. Thread-safe.
[[nodiscard]] std::string random_client_id(std::string_view prefix = "weir-", std::size_t characters = 16);

} // namespace weir::mqtt
