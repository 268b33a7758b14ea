#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <memory>
#include <vector>

namespace weir {
class telemetry;
}

namespace weir::pipeline::engine {

/// Throws `std::invalid_argument` that lists every fault; nothing has been started then.
void require_valid(const options& o, bool has_handle_batch, std::size_t producers);

/// Builds and starts a pipeline from its erased parts; `o` is valid.
[[nodiscard]] running_pipeline launch(
    options o, std::unique_ptr<stage_ops> stages, std::vector<std::unique_ptr<source>> sources,
    std::shared_ptr<telemetry> bus);

} // namespace weir::pipeline::engine
