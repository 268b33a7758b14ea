#pragma once

#include <weir/base/result.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// What can be asked by name of the pipelines that run in this process. A name that none of them has gives
/// `errc::not_running`, also when its pipeline has stopped. Thread-safe.
namespace weir::pipeline {

/// The names of all pipelines that have started and not ended, in no certain order.
[[nodiscard]] std::vector<std::string> running_pipelines();

[[nodiscard]] result<topology_description> describe(std::string_view pipeline);
[[nodiscard]] result<std::vector<std::string>> producer_names(std::string_view pipeline);
[[nodiscard]] result<snapshot> look(std::string_view pipeline);

/// As `running_pipeline::stop`.
result<stop_report> stop(std::string_view pipeline);
result<stop_report> stop(std::string_view pipeline, std::chrono::milliseconds limit);

} // namespace weir::pipeline
