#pragma once

#include <cstdint>

namespace weir::pipeline {

/// Bulk messages wait for their batch's size or timeout; a flush message makes its batch leave at once.
enum class batch_mode : std::uint8_t { bulk, flush };

} // namespace weir::pipeline
