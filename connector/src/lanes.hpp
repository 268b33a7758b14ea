#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

namespace weir::connector {

/// Threads for so many connections: one keeps one processor core busy at most, and connections share nothing
/// else.
[[nodiscard]] inline std::size_t lanes_for(std::size_t connections) {
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    return std::min(connections, cores);
}

} // namespace weir::connector
