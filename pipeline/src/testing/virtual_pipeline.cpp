#include <weir/pipeline/testing/virtual_pipeline.hpp>

namespace weir::pipeline::testing {

void virtual_pipeline::run() {
    while (engine::step(pipeline_)) {
    }
}

void virtual_pipeline::advance(duration d) {
    const auto until = time_->now() + d;
    run();
    for (auto next = engine::due(pipeline_); next && *next <= until; next = engine::due(pipeline_)) {
        time_->advance_to(*next);
        run();
    }
    time_->advance_to(until);
}

} // namespace weir::pipeline::testing
