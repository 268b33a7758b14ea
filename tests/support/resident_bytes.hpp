#pragma once

#include <unistd.h>

#include <cstddef>
#include <fstream>

namespace weir::testing {

/// Memory of this process that is in use, by the kernel's count.
[[nodiscard]] inline std::size_t resident_bytes() {
    std::ifstream numbers("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    numbers >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace weir::testing
