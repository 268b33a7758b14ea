#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace weir::bench {

struct figures {
    double messages_per_second{0};
    double cpu_ns{0}; ///< of the whole process, user and system, per message
};

/// Reads `count` at the beginning and the end of `time`, after `warm_up`.
[[nodiscard]] figures measure(
    const std::function<std::uint64_t()>& count, std::chrono::milliseconds warm_up,
    std::chrono::milliseconds time);

} // namespace weir::bench
