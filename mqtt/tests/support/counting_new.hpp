#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::mqtt::test {

/// What this thread has asked `operator new` for, less what it gave back.
struct memory_use {
    std::uint64_t allocations{0};
    std::size_t live{0}; ///< bytes, as the allocator rounds them
    std::size_t peak{0}; ///< the most of them; may be set back
};

[[nodiscard]] memory_use& memory() noexcept;

} // namespace weir::mqtt::test
