#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace weir::pipeline {

/// How a pipeline is built, with the names its workers carry: `<prefix>_<index>`.
struct topology_description {
    struct group {
        std::string prefix{}; ///< "fleet.Producer", "fleet.Processor_default", "fleet.BatchProcessor_alarms"
        std::size_t concurrency{0}; ///< at this moment
    };

    struct batcher {
        std::string name{}; ///< "fleet.Batcher_alarms"
        std::string key{};  ///< "alarms"
        group processors{};
    };

    group producers{};
    group processors{};
    std::string processors_key{};
    std::vector<batcher> batchers{}; ///< as configured
};

} // namespace weir::pipeline
