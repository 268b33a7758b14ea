#pragma once

#include <weir/pipeline/dead_letter.hpp>
#include <weir/sinks/record.hpp>

#include <string>
#include <string_view>

namespace weir::sinks {

/// One JSON object on one line, without the newline: `topic`, `payload` (or `payload_base64` when it is not
/// UTF-8), `qos`, `retain`, `dup`, `client_id`, `received_at`, `attempt`, `properties`.
[[nodiscard]] std::string to_json_line(const record& r);

/// The same for a message that was given up, with `attempts` for `attempt`, the `stage` at which it failed
/// and the `reason`.
[[nodiscard]] std::string to_json_line(
    const record& r, pipeline::failure_stage stage, std::string_view reason);

/// Properties under the standard's names. Numbers are numbers; `subscription_identifier` is an array;
/// `user_property` is an array of [name, value] pairs in wire order; binary data that is not UTF-8 stands
/// under its name with `_base64` appended. "{}" when there are none.
[[nodiscard]] std::string to_json(const mqtt::properties& p);

} // namespace weir::sinks
