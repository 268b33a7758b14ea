#pragma once

#include <cstdint>

namespace weir::mqtt {

/// Which end sent the bytes: some packets, properties and reason codes are only for one of them.
enum class peer : std::uint8_t { client, server };

} // namespace weir::mqtt
