#pragma once

#include "reader.hpp"
#include "schemas.hpp"

#include <string>

namespace weir::tool {

/// Reads the files that hold a password; a newline at the end of one is dropped. Faults go to `r`, their
/// paths beginning with `prefix`.
void read_secret_files(client_section& c, const std::string& prefix, reader& r);

} // namespace weir::tool
