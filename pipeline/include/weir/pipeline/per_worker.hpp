#pragma once

#include <type_traits>
#include <utility>

namespace weir::pipeline {

/// Gives each worker a handler of its own instead of one for all, for state such as a database connection:
/// `start(per_worker{[] { return my_handler{connect()}; }}, ...)`. The factory is called on the worker's
/// thread before its first message, and the handler is destroyed there after its last; so neither needs to be
/// thread-safe, but the factory must bear calls from several threads. What it throws makes the start fail.
template <class Factory>
struct per_worker {
    Factory make;
};

template <class Factory>
per_worker(Factory) -> per_worker<Factory>;

template <class H>
struct handler_source {
    using type = H;
    static constexpr bool one_per_worker = false;
};

template <class Factory>
struct handler_source<per_worker<Factory>> {
    using type = std::invoke_result_t<Factory&>;
    static constexpr bool one_per_worker = true;
};

/// The handler's class, be it given itself or by a factory.
template <class H>
using handler_type = typename handler_source<H>::type;

} // namespace weir::pipeline
