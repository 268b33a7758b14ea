#include "engine/rejects.hpp"

#include "engine/settler.hpp"

#include <utility>

namespace weir::pipeline::engine {

void rejects::add(std::size_t source, const obligation& owed, std::string reason) {
    {
        const std::scoped_lock lock{mutex_};
        waiting_.push_back({source, owed, std::move(reason)});
    }
    shared_.progress.raise();
}

std::optional<time_point> rejects::due() const {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) return std::nullopt;
    return time_point{};
}

void rejects::tick(time_point) {
    std::vector<reject> all;
    {
        const std::scoped_lock lock{mutex_};
        all.swap(waiting_);
    }
    settler settler{shared_, accounts_, lane_};
    for (const auto& r : all)
        settler.add(r.owed, outcome::failed, r.reason);
    settler.flush();
    accounts_.passed(lane_, all.size());
    for (const auto& r : all)
        sources_[r.source]->give_credit(1);
}

} // namespace weir::pipeline::engine
