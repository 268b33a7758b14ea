// A topology on virtual time: one thread does everything, in an order that a seed decides.

#include "topology.hpp"

#include <stdexcept>

namespace weir::pipeline {

bool topology::step() {
    const auto first = order_();
    const auto workers = everyone();
    for (std::size_t i = 0; i < workers.size(); ++i)
        if (workers[(first + i) % workers.size()]->step()) return true;
    return conductor_.step();
}

std::optional<time_point> topology::due() const {
    auto first = conductor_.due();
    for (const auto& b : batchers_)
        first = engine::agenda::earlier(first, b->deadline());
    for (const auto& w : everyone())
        first = engine::agenda::earlier(first, w->due());
    return first;
}

void topology::drive_to_end() {
    if (!stepped()) return;
    while (!conductor_.has_ended()) {
        if (step()) continue;
        const auto next = due();
        if (!next)
            throw std::logic_error{
                "pipeline " + options_.name + " waits for something that time does not bring"};
        parts_.how.time->advance_to(*next);
    }
    while (step()) { // workers that had to be told that it has ended
    }
}

} // namespace weir::pipeline
