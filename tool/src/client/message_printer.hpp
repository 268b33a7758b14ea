#pragma once

#include "config/codec.hpp"

#include <weir/base/time.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::tool {

/// How `sub` shows a message, always one line.
enum class print_mode : std::uint8_t {
    payload, ///< as text; control characters and what is not UTF-8 escaped, so that a line stays a line
    raw,     ///< the payload's bytes untouched
    hex,
    size, ///< of the payload, in bytes
    json, ///< the object that the jsonl sink writes
};

[[nodiscard]] const names<print_mode>& print_names();

/// With its newline; `with_topic` puts the topic and a space in front, but for JSON, which has it.
[[nodiscard]] std::string to_line(
    const mqtt::publish& m, print_mode mode, bool with_topic, std::string_view client_id,
    system_time_point at);

/// Two digits a byte.
[[nodiscard]] std::string hexadecimal(std::string_view payload);

/// Backslash escapes as in C for control characters, backslashes and bytes that are not UTF-8.
[[nodiscard]] std::string escaped(std::string_view payload);

} // namespace weir::tool
