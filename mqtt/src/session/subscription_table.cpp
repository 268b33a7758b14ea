#include "session/subscription_table.hpp"

#include "session/stored_form.hpp"

#include <algorithm>

namespace weir::mqtt {

void subscription_table::answered(
    std::span<const subscription> asked, std::span<const reason_code> codes, const properties& props) {
    const auto identifier = props.number(property_id::subscription_identifier);
    const std::size_t count = std::min(asked.size(), codes.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (is_failure(codes[i])) continue;
        row& r = table_[asked[i].filter];
        r.granted = {asked[i], static_cast<qos>(codes[i]), identifier};
        r.in_force = true;
        if (!journal_.on()) continue;
        if (r.key == 0) r.key = next_key_++;
        (void)journal_.put(stored_record::kind::subscription, r.key, stored_subscription{r.granted}.head());
    }
}

void subscription_table::removed(const std::string& filter) {
    const auto found = table_.find(filter);
    if (found == table_.end()) return;
    if (found->second.key != 0) (void)journal_.erase(stored_record::kind::subscription, found->second.key);
    table_.erase(found);
}

void subscription_table::restore(std::uint64_t key, granted_subscription granted) {
    next_key_ = std::max(next_key_, key + 1);
    row& r = table_[granted.asked.filter];
    r.key = key;
    r.in_force = true;
    r.granted = std::move(granted);
}

void subscription_table::session_lost() {
    for (auto& [filter, r] : table_)
        r.in_force = false;
}

std::vector<granted_subscription> subscription_table::list() const {
    std::vector<granted_subscription> all;
    all.reserve(table_.size());
    for (const auto& [filter, r] : table_)
        if (r.in_force) all.push_back(r.granted);
    return all;
}

std::vector<subscribe> subscription_table::resubscriptions(const std::set<std::string_view>& but) const {
    std::map<std::optional<std::uint32_t>, subscribe> by_identifier;
    for (const auto& [filter, r] : table_)
        if (!but.contains(filter))
            by_identifier[r.granted.identifier].subscriptions.push_back(r.granted.asked);
    std::vector<subscribe> packets;
    for (auto& [identifier, one] : by_identifier) {
        if (identifier) one.props.set(property_id::subscription_identifier, *identifier);
        packets.push_back(std::move(one));
    }
    return packets;
}

} // namespace weir::mqtt
