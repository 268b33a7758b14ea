#pragma once

#include "fault.hpp"
#include "file_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// A configuration, or everything that is wrong with it.
struct loaded {
    file_config config{};
    std::vector<config_fault> faults{};
};

/// Reads and checks a configuration. Nothing is connected, and only files of passwords and certificates
/// are opened.
[[nodiscard]] loaded load_text(std::string_view toml_text, const std::string& file_name);
[[nodiscard]] loaded load_file(const std::string& path);

/// The configuration in force, defaults filled in, as a file that loads to the same.
[[nodiscard]] std::string print(const file_config& config, bool show_secrets = false);

/// Every key that a file may have: path, what is allowed and what it means, one a line.
[[nodiscard]] std::string key_reference();

} // namespace weir::tool
