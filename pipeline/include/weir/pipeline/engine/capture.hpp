#pragma once

#include <weir/pipeline/message.hpp>

#include <memory>
#include <string_view>

namespace weir::pipeline::engine {

/// For a catch block: turns what was thrown, whatever it is, into a failure, and logs it once with the
/// callback's and the worker's name.
[[nodiscard]] failure_info capture_exception(std::string_view callback);

/// The same line for what counts as an exception without being one.
void log_failure(std::string_view callback, std::string_view what) noexcept;

} // namespace weir::pipeline::engine
