#pragma once

#include "file_config.hpp"
#include "reader.hpp"

namespace weir::tool {

/// The sinks and the file of dead letters, each by itself and against the others. The disk is not looked at.
void check_files(const file_config& c, reader& r);

} // namespace weir::tool
