#pragma once

#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// What a handler's `partition_by` answers for a message: messages of equal value belong together. At least
/// 0; anything below fails the message.
using partition_value = std::int64_t;

/// A partition out of a text such as a topic level or a device's name. The same text gives the same value in
/// every process, on every machine and in every version, so that what was divided by it stays divided the
/// same way. Never below 0; neighbouring texts land far apart, also after "modulo a small number".
[[nodiscard]] partition_value stable_hash(std::string_view text) noexcept;

} // namespace weir::pipeline
