#include "check_topics.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <map>

namespace weir::tool {

namespace {

/// Where each filter was given first.
using places = std::map<std::string, std::string, std::less<>>;

bool brings(const connector::producer_options& p, const std::string& filter) {
    return std::any_of(p.topics.begin(), p.topics.end(), [&](const auto& t) {
        return mqtt::overlaps(mqtt::inner_filter(t.filter), filter);
    });
}

void check_filter(
    const std::string& filter, const std::string& path, const connector::producer_options& p, places& seen,
    reader& r) {
    const auto value = toml_string(filter);
    const auto [first, is_new] = seen.emplace(filter, path);
    if (!mqtt::is_topic_filter(filter) || mqtt::is_shared(filter)) {
        r.add_checked(path, value, "a topic filter: + fills a whole level, # stands alone or last after /");
    } else if (!is_new) {
        r.add_checked(path, value, "different from " + first->second);
    } else if (!brings(p, filter)) {
        r.add_checked(path, value, "a filter for messages that a filter of producer.topics brings");
    }
}

std::string path_of(std::size_t batcher) {
    return "batchers[" + std::to_string(batcher) + "].topics";
}

void check_rest(const std::vector<batcher_placement>& all, reader& r) {
    const auto takes_rest = [](const batcher_placement& b) { return b.topics.empty(); };
    const auto first = std::find_if(all.begin(), all.end(), takes_rest);
    if (first == all.end())
        return r.add_checked(
            path_of(all.size() - 1), {},
            "not given in one of the batchers, which takes what no other one does");
    const auto taken = path_of(static_cast<std::size_t>(first - all.begin()));
    for (auto i = std::find_if(first + 1, all.end(), takes_rest); i != all.end();
         i = std::find_if(i + 1, all.end(), takes_rest))
        r.add_checked(
            path_of(static_cast<std::size_t>(i - all.begin())), "[]",
            "topic filters, since " + taken +
                " has none either: only one batcher can take what no other does");
}

} // namespace

void check_topics(const file_config& c, reader& r) {
    places seen;
    for (std::size_t i = 0; i < c.placements.size(); ++i) {
        const auto& topics = c.placements[i].topics;
        for (std::size_t t = 0; t < topics.size(); ++t)
            check_filter(topics[t], path_of(i) + '[' + std::to_string(t) + ']', c.pipeline.producer, seen, r);
    }
    if (!c.placements.empty()) check_rest(c.placements, r);
}

} // namespace weir::tool
