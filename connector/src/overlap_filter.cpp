#include "overlap_filter.hpp"

#include "subscription_identifiers.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>

namespace weir::connector {

overlap_filter::place* overlap_filter::find(const mqtt::publish& p, time_point now) {
    while (!order_.empty() && order_.front().first + memory <= now) {
        const auto oldest = places_.find(order_.front().second);
        delivered_ -= oldest->second.outcomes.size();
        places_.erase(oldest);
        order_.pop_front();
    }
    if (!may_come_twice(p)) return nullptr;
    const auto print = mqtt::make_fingerprint(p.topic, p.payload, p.props);
    if (const auto found = places_.find(print); found != places_.end()) return &found->second;
    if (places_.size() >= most || delivered_ >= most) return nullptr;
    order_.emplace_back(now, print);
    return &places_[print];
}

/// By the filters and, since an older configuration may have left others, by what the broker says.
bool overlap_filter::may_come_twice(const mqtt::publish& p) const {
    const auto topic = p.topic.text();
    const auto selects = [&](const auto& f) { return mqtt::matches(f.first, topic); };
    if (std::ranges::count_if(filters_, selects) < 2) return false;
    const auto ids = subscription_identifiers(p.props);
    return !ids.empty() && std::ranges::all_of(ids, [&](std::uint32_t id) {
        return std::ranges::any_of(filters_, [&](const auto& f) { return f.second == id; });
    });
}

std::optional<std::size_t> overlap_filter::copy_of(place& at, const mqtt::publish& p) {
    const auto delivered = at.outcomes.size();
    std::size_t latest = 0;
    for (const auto id : subscription_identifiers(p.props))
        latest = std::max<std::size_t>(latest, ++at.seen[id]);
    if (latest > delivered) return std::nullopt;
    return latest - 1;
}

void overlap_filter::add(place& at, std::shared_ptr<shared_outcome> outcome) {
    if (delivered_ >= most) return;
    at.outcomes.push_back(std::move(outcome));
    ++delivered_;
}

} // namespace weir::connector
