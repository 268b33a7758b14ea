#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// What travels: as large as a small message with its envelope.
struct item {
    std::uint64_t number{0};
    std::array<std::byte, 56> rest{};
};

} // namespace weir::bench
