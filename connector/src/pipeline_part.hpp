#pragma once

#include <weir/connector/options.hpp>
#include <weir/pipeline/options.hpp>

namespace weir::connector {

/// What of `o` is the pipeline's.
[[nodiscard]] pipeline::options pipeline_part(const options& o);

void set_pipeline_part(options& o, const pipeline::options& part);

} // namespace weir::connector
