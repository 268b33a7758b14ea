#include "engine/starvation.hpp"

#include <optional>

namespace weir::pipeline::engine {

void starvation::relieve(std::size_t source) {
    const std::scoped_lock lock{relieving_};
    if (!starved(source)) return;
    batcher_stage* chosen = nullptr;
    std::optional<time_point> oldest;
    for (auto& b : batchers_) {
        const auto opened = b->oldest_holding(source);
        if (!opened || (oldest && *oldest <= *opened)) continue;
        chosen = b.get();
        oldest = opened;
    }
    if (chosen != nullptr) chosen->starve(source);
}

} // namespace weir::pipeline::engine
