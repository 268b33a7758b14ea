#pragma once

#include "file_config.hpp"
#include "reader.hpp"

namespace weir::tool {

/// That every message has exactly one batcher that takes it, and every filter something to select.
void check_topics(const file_config& c, reader& r);

} // namespace weir::tool
