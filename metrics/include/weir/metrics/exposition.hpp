#pragma once

#include <weir/connector/stats.hpp>

#include <span>
#include <string>

namespace weir::metrics {

/// What the pipelines count, in Prometheus' text format: for programs that have a server of their own. Its
/// content type is "text/plain; version=0.0.4; charset=utf-8". A pipeline that is gone has no values.
[[nodiscard]] std::string exposition(std::span<const connector::stats_reader> pipelines);

} // namespace weir::metrics
