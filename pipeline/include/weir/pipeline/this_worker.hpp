#pragma once

#include <stop_token>
#include <string_view>

namespace weir::pipeline::this_worker {

/// Inside a callback: asked to stop when the pipeline's stop deadline has passed, or the time that the option
/// `time_limit` gives the callback. A callback that may take long should look at it, since nothing else can
/// end it. Take it anew in each call. Elsewhere a token that is never asked to stop.
[[nodiscard]] std::stop_token stop_token() noexcept;

/// Inside a callback: the name of the worker it runs on, such as "fleet.Processor_default_3"; else empty.
[[nodiscard]] std::string_view name() noexcept;

} // namespace weir::pipeline::this_worker
