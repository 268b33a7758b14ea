#include "subscription_groups.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace weir::connector {

namespace {

constexpr std::uint32_t largest_identifier = 268'435'455;

/// FNV-1a.
std::uint32_t hash_of(std::string_view text) {
    std::uint32_t h = 2'166'136'261u;
    for (const unsigned char c : text)
        h = (h ^ c) * 16'777'619u;
    return h;
}

std::vector<std::string> overlapping(const std::vector<topic>& topics) {
    std::vector<std::string> found;
    for (const auto& t : topics)
        if (std::ranges::any_of(topics, [&](const topic& other) {
                return other.filter != t.filter && mqtt::overlaps(other.filter, t.filter);
            }))
            found.push_back(t.filter);
    return found;
}

} // namespace

overlap_filter::identified identified_filters(const producer_options& o) {
    if (o.overlap != overlap::dedup) return {};
    auto filters = overlapping(o.topics);
    std::ranges::sort(filters); // two of the same hash: the order decides, and is to be the same every time
    overlap_filter::identified list;
    std::set<std::uint32_t> taken;
    for (auto& f : filters) {
        auto identifier = hash_of(f) % largest_identifier + 1;
        while (!taken.insert(identifier).second)
            identifier = identifier % largest_identifier + 1;
        list.emplace_back(std::move(f), identifier);
    }
    return list;
}

std::vector<subscription_group> subscription_groups(const producer_options& o) {
    const auto identified = identified_filters(o);
    subscription_group others;
    std::vector<subscription_group> groups;
    for (auto& s : subscriptions(o)) {
        const auto found = std::ranges::find(identified, s.filter, [](const auto& f) { return f.first; });
        if (found == identified.end())
            others.filters.push_back(std::move(s));
        else
            groups.push_back({{std::move(s)}, found->second});
    }
    if (!others.filters.empty()) groups.insert(groups.begin(), std::move(others));
    return groups;
}

} // namespace weir::connector
