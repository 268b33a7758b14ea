#pragma once

#include <weir/pipeline/engine/launch.hpp>
#include <weir/pipeline/engine/typed_source.hpp>
#include <weir/pipeline/engine/typed_stages.hpp>
#include <weir/pipeline/per_worker.hpp>

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::pipeline {

namespace engine {

/// The parts of a pipeline out of the user's types. Throws `std::invalid_argument` for options.
template <class Raw, class Handler, class Transform>
[[nodiscard]] blueprint assemble(
    options o, std::vector<std::shared_ptr<producer<Raw>>> producers, Handler handler, Transform transform,
    std::shared_ptr<telemetry> bus) {
    using data_type = typename std::invoke_result_t<Transform&, const Raw&>::value_type;
    using stages_type = typed_stages<Raw, data_type, Handler, Transform>;

    const auto abilities = abilities_of<handler_type<Handler>, data_type, Raw>();
    require_valid(o, abilities, producers.size());
    start_plan plan{std::move(o), typeid(handler_type<Handler>), abilities};
    for (std::size_t i = 0; i < producers.size(); ++i) {
        producers[i]->arrange(plan);
        require_valid(plan, producers.size(), i);
    }
    auto stages = std::make_unique<stages_type>(std::move(handler), std::move(transform));
    std::vector<std::unique_ptr<source>> sources;
    for (std::size_t i = 0; i < producers.size(); ++i)
        sources.push_back(
            std::make_unique<typed_source<Raw>>(std::move(producers[i]), i, rules_of(plan.options)));
    return {
        std::move(plan.options), std::move(stages), std::move(sources), std::move(bus),
        std::move(plan.components)};
}

} // namespace engine

/// Starts a pipeline: `producers` feed one group of processors, which feed the batchers of the options.
///
/// `handler` serves all workers; in a `per_worker` each worker has its own.
///
/// `transform` makes the message's data out of what a producer emitted, on a processor's thread: a
/// `result<Data>(const Raw&)`. Its error, or what it throws, fails the message, but for `drop`, which ends it
/// as successful, unhandled. The raw event itself becomes
/// the message's metadata. Events go to `bus`, if there is one.
///
/// Returns when every worker runs and every producer has been told to start; does not wait for a source to be
/// reached. Delivery is at least once, as far as the source repeats what was not settled as successful: a
/// handler may see a message again.
///
/// Throws `std::invalid_argument` for options, with every fault; `std::system_error` with
/// `errc::already_running` when a pipeline of that name runs; what a producer's `start` or the factory of a
/// `per_worker` throws.
template <class Raw, class Handler, class Transform>
[[nodiscard]] running_pipeline start(
    options o, std::vector<std::shared_ptr<producer<Raw>>> producers, Handler handler, Transform transform,
    std::shared_ptr<telemetry> bus = nullptr) {
    return engine::launch(engine::assemble<Raw>(
        std::move(o), std::move(producers), std::move(handler), std::move(transform), std::move(bus)));
}

} // namespace weir::pipeline
