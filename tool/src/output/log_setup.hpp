#pragma once

#include <memory>
#include <string>
#include <vector>

namespace weir::tool {

class console;

[[nodiscard]] const std::vector<std::string>& log_levels();

/// Sends the program's log to `c`; `level` is one of `log_levels()`.
void set_up_log(std::shared_ptr<console> c, const std::string& level);

} // namespace weir::tool
