#pragma once

#include "config/file_config.hpp"

#include <weir/connector/running.hpp>

namespace weir::tool {

class sink_writer;

/// Starts the pipeline that `config` describes; `writer` must outlive it. With a batcher the sink gets
/// batches, without one it gets messages one by one.
[[nodiscard]] connector::running start_consumer(const file_config& config, sink_writer& writer);

} // namespace weir::tool
