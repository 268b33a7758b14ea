#include "placement.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>

namespace weir::tool {

placement::placement(const file_config& c, const outputs& to)
    : partition_by_(c.partition_by)
    , direct_(&to.of(0)) {
    for (std::size_t i = 0; i < c.pipeline.batchers.size(); ++i) {
        routes_.push_back({c.pipeline.batchers[i].name, c.placements.at(i), &to.of(i)});
        if (c.placements.at(i).topics.empty()) rest_ = i;
    }
}

const placement::route& placement::route_for(std::string_view topic) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const route& r) {
        return std::any_of(r.rules.topics.begin(), r.rules.topics.end(), [&](const auto& filter) {
            return mqtt::matches(filter, topic);
        });
    });
    return found == routes_.end() ? routes_[rest_] : *found;
}

const placement::route& placement::route_of(std::string_view batcher) const {
    return *std::find_if(
        routes_.begin(), routes_.end(), [&](const route& r) { return r.batcher == batcher; });
}

} // namespace weir::tool
