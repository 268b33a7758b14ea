#pragma once

#include <weir/base/coroutine_host.hpp>
#include <weir/base/time.hpp>

#include <stop_token>
#include <string_view>

namespace weir::pipeline::this_worker {

/// Inside a callback: asked to stop when the pipeline's stop deadline has passed, or the time that the option
/// `time_limit` gives the callback. A callback that may take long should look at it, since nothing else can
/// end it. Take it anew in each call. Elsewhere a token that is never asked to stop.
[[nodiscard]] std::stop_token stop_token() noexcept;

/// Inside a callback: the name of the worker it runs on, such as "fleet.Processor_default_3"; else empty.
[[nodiscard]] std::string_view name() noexcept;

// For callbacks that are coroutines. While one waits, its worker runs others. Past the stop deadline each of
// these waits ends at once, and says so by `false`; a coroutine should then return soon, since one that waits
// on and on is destroyed where it waits.

/// `co_await` of it lets at least so much time pass, by the pipeline's clock. Throws `std::logic_error`
/// outside of a coroutine that a pipeline runs.
[[nodiscard]] sleeping sleep_for(duration d);

/// The same until a time.
[[nodiscard]] sleeping sleep_until(time_point until);

/// `co_await` of it lets the other coroutines of this worker go on first: for those that compute for long.
[[nodiscard]] yielding yield();

} // namespace weir::pipeline::this_worker
