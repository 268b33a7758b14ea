#pragma once

#include "config/file_config.hpp"
#include "outputs.hpp"

#include <weir/connector/running.hpp>

namespace weir::tool {

/// Starts the pipeline that `config` describes; `to` must outlive it. With batchers the sinks get batches,
/// without one the sink gets messages one by one.
[[nodiscard]] connector::running start_consumer(const file_config& config, const outputs& to);

} // namespace weir::tool
