#pragma once

#include <weir/pipeline/options/overflow.hpp>

#include <cstddef>

namespace weir::pipeline::engine {

/// How a source's buffer behaves; effective values.
struct buffer_rules {
    buffer_policy policy{buffer_policy::pause};
    std::size_t bound{0};          ///< messages at most, the reserve included
    std::size_t reserve{0};        ///< of these, for a producer that was told to pause
    std::size_t high_watermark{0}; ///< 0: never asks for a pause
    std::size_t low_watermark{0};
};

} // namespace weir::pipeline::engine
