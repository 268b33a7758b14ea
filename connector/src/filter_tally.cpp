#include "filter_tally.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>

namespace weir::connector {

filter_tally::filter_tally(const producer_options& o)
    : counts_(o.topics.size() + 1) {
    for (const auto& t : o.topics)
        filters_.push_back(t.filter);
    filters_.emplace_back();
}

std::size_t filter_tally::place_of(std::string_view topic) const {
    const auto last = filters_.end() - 1;
    const auto found =
        std::find_if(filters_.begin(), last, [&](const auto& f) { return mqtt::matches(f, topic); });
    return static_cast<std::size_t>(found - filters_.begin());
}

std::vector<filter_drops> filter_tally::counts() const {
    std::vector<filter_drops> list;
    for (std::size_t i = 0; i < filters_.size(); ++i) {
        const auto count = counts_[i].load(std::memory_order_relaxed);
        if (!filters_[i].empty() || count != 0) list.push_back({filters_[i], count});
    }
    return list;
}

} // namespace weir::connector
