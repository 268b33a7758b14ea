#include "key_filter.hpp"

namespace weir::connector {

std::shared_ptr<shared_outcome> key_filter::find(std::string_view key, time_point now) {
    while (!order_.empty() && order_.front().first + ttl_ <= now)
        forget_oldest();
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : found->second.outcome;
}

void key_filter::enter(std::string_view key, std::shared_ptr<shared_outcome> outcome, time_point now) {
    while (order_.size() >= entries_)
        forget_oldest();
    known_.insert_or_assign(std::string(key), known{std::move(outcome), now});
    order_.emplace_back(now, key);
}

/// It may have been entered again since.
void key_filter::forget_oldest() {
    const auto& [since, key] = order_.front();
    const auto found = known_.find(key);
    if (found != known_.end() && found->second.since == since) known_.erase(found);
    order_.pop_front();
}

} // namespace weir::connector
