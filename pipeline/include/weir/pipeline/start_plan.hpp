#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/options.hpp>

#include <cstddef>
#include <memory>
#include <typeindex>
#include <vector>

namespace weir::pipeline {

/// Something that runs beneath a pipeline because a producer needs it: started before everything else and
/// stopped after everything else, in the opposite order.
class component {
  public:
    virtual ~component() = default;

    /// What it throws keeps the pipeline from starting.
    virtual void start() = 0;

    /// By `deadline`. Called when the last message has been settled and the producers have stopped.
    virtual void stop(time_point deadline) = 0;

  protected:
    component() = default;
    component(const component&) = default;
    component& operator=(const component&) = default;
};

/// What a producer may look at and change before anything starts.
struct start_plan {
    pipeline::options options;                            ///< as given; validated again when it has changed
    std::type_index handler;                              ///< the handler's class
    handler_abilities abilities{};                        ///< which optional callbacks it has
    std::vector<std::shared_ptr<component>> components{}; ///< to be added to
};

/// What a producer learns of the pipeline it is part of. What it refers to lives as long as the pipeline.
struct start_context {
    const pipeline::options& configuration; ///< in force, defaults filled in; its name is the pipeline's
    std::size_t index{0};                   ///< of this producer, from 0
    std::size_t producers{1};
    const time_source& time; ///< the pipeline's clock
};

} // namespace weir::pipeline
