#pragma once

#include <string>

namespace weir::tool {

/// For a start: throws `std::runtime_error` naming the file when no report could be written there.
void check_report(const std::string& path);

/// Puts `text` into the file, whole or not at all: whoever reads it while it is written sees the old one. "-"
/// is standard output. Throws `std::runtime_error` naming the file.
void write_report(const std::string& path, const std::string& text);

} // namespace weir::tool
