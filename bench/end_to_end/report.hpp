#pragma once

#include "measurement.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace weir::bench {

/// All runs of one consumer in one scenario.
struct series {
    scenario what;
    std::string consumer;
    std::vector<sample> samples;
    std::string failure; ///< why a run did not count; the series then has no result
};

/// Medians over the runs, each figure by itself.
[[nodiscard]] sample median(const std::vector<sample>& samples);

/// A table per scenario: rate, CPU, acknowledgement latency and the ratios of rates to libmosquitto's and
/// the bare reader's.
[[nodiscard]] std::string to_table(const std::vector<series>& all);

/// The same with every single run.
[[nodiscard]] nlohmann::json to_json(const std::vector<series>& all, const timing& t);

} // namespace weir::bench
