#pragma once

#include <weir/connector/stats.hpp>

#include <prometheus/metric_family.h>

#include <span>
#include <vector>

namespace weir::metrics {

/// One family for each metric; its values are labelled with pipeline and producer, and with what the metric
/// divides by where it does. No label takes what a message says, so their number is bounded by the options.
[[nodiscard]] std::vector<prometheus::MetricFamily> families(
    std::span<const connector::stats_reader> pipelines);

} // namespace weir::metrics
