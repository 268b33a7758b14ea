#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options.hpp>
#include <weir/pipeline/running_pipeline.hpp>
#include <weir/pipeline/start_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace weir {
class telemetry;
}

namespace weir::pipeline::engine {

/// Threads and the real clock; or, with `time`, no thread at all: `step` does the work, in an order that
/// `seed` decides.
struct execution {
    manual_time* time{nullptr};
    std::uint64_t seed{0};
};

/// A pipeline's parts, its user types erased.
struct blueprint {
    pipeline::options options;
    std::unique_ptr<stage_ops> stages;
    std::vector<std::unique_ptr<source>> sources;
    std::shared_ptr<telemetry> bus;
    std::vector<std::shared_ptr<component>> components;
};

/// Throws `std::invalid_argument` that lists every fault; nothing has been started then. `as_changed_by`: who
/// made them so, if not the user.
void require_valid(
    const options& o, const handler_abilities& handler, std::size_t producers,
    const std::string& as_changed_by = {});

/// What a producer's `arrange` has left is usable; else throws `std::invalid_argument` naming it.
void require_valid(const start_plan& plan, std::size_t producers, std::size_t changed_by);

/// Of valid options.
[[nodiscard]] buffer_rules rules_of(const options& o);

/// Builds and starts a pipeline; its options are valid.
[[nodiscard]] running_pipeline launch(blueprint b, const execution& how = {});

/// With `execution::time`: does one piece of work if there is one to be done now.
bool step(running_pipeline& p);

/// With `execution::time`: when there is something to do even if nothing else happens.
[[nodiscard]] std::optional<time_point> due(const running_pipeline& p);

} // namespace weir::pipeline::engine
