#pragma once

#include "meter.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace weir::bench {

struct timing {
    std::chrono::milliseconds warm_up{200};
    std::chrono::milliseconds time{1'000};
};

/// One way to send items through stages that do nothing.
struct shape {
    std::string name;
    std::string what; ///< in a few words
    std::function<figures(const timing&)> run;
};

[[nodiscard]] std::vector<shape> weir_shapes();
[[nodiscard]] std::vector<shape> tbb_shapes();

} // namespace weir::bench
