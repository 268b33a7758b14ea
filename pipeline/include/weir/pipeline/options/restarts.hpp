#pragma once

#include <chrono>
#include <cstddef>

namespace weir::pipeline {

/// How a producer that fails is started again. The others go on meanwhile, and what it left in its buffer
/// is delivered.
struct restart_options {
    /// More failures than this within `max_seconds`, of all producers together, end the pipeline.
    std::size_t max_restarts{3};
    std::chrono::seconds max_seconds{5}; ///< >= 1 s

    /// Before the first restart; it doubles with each further one, less a jitter of up to a quarter.
    std::chrono::milliseconds resubscribe_interval{100};
    std::chrono::milliseconds max_delay{30'000};     ///< the delay grows no further; >= resubscribe_interval
    std::chrono::milliseconds healthy_after{60'000}; ///< at work for this long, the delay begins anew

    static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
};

} // namespace weir::pipeline
