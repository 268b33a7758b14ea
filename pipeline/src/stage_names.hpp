#pragma once

#include <weir/pipeline/options.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::pipeline {

/// "fleet.Producer_0", "fleet.Processor_default_3", "fleet.Batcher_alarms", "fleet.BatchProcessor_alarms_0"
[[nodiscard]] std::string producer_name(const options& o, std::size_t index);
[[nodiscard]] std::string processor_name(const options& o, std::size_t index);
[[nodiscard]] std::string processors_name(const options& o); ///< of the group: "fleet.Processor_default"
[[nodiscard]] std::string retry_name(const options& o);      ///< of those that wait for another attempt
[[nodiscard]] std::string batcher_name(const options& o, std::string_view batcher);
[[nodiscard]] std::string batch_processors_name(const options& o, std::string_view batcher);
[[nodiscard]] std::string batch_processor_name(const options& o, std::string_view batcher, std::size_t index);

/// A thread name of at most 15 characters out of a pipeline's name, what its thread does and which one it is.
[[nodiscard]] std::string short_name(std::string_view pipeline, std::string_view role, std::size_t index);

} // namespace weir::pipeline
