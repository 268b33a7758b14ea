#pragma once

#include <weir/pipeline/running_pipeline.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace weir::pipeline {

/// The pipeline drains: what is left, once a second.
struct drain_progressed {
    static constexpr std::string_view event_name = "drain.progress";
    std::string_view pipeline;
    std::size_t left;                ///< messages accepted and not settled
    std::vector<queue_stats> queues; ///< as in `snapshot`
};

} // namespace weir::pipeline
