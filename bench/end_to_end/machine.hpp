#pragma once

#include <map>
#include <string>

namespace weir::bench {

/// What a reader of figures must know of where they come from: processor, cores, kernel, compiler.
[[nodiscard]] std::map<std::string, std::string> describe_machine();

} // namespace weir::bench
