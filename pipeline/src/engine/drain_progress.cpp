#include "engine/drain_progress.hpp"

#include <weir/pipeline/events/draining.hpp>

namespace weir::pipeline::engine {

void drain_progress::tick(time_point now) {
    next_ = now + interval;
    shared_.bus->emit<drain_progressed>([this] {
        auto seen = look_();
        return drain_progressed{shared_.pipeline, seen.in_flight, std::move(seen.queues)};
    });
}

} // namespace weir::pipeline::engine
