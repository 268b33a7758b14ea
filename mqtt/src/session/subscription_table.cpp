#include "session/subscription_table.hpp"

#include <algorithm>

namespace weir::mqtt {

void subscription_table::answered(
    std::span<const subscription> asked, std::span<const reason_code> codes, const properties& props) {
    const auto identifier = props.number(property_id::subscription_identifier);
    const std::size_t count = std::min(asked.size(), codes.size());
    for (std::size_t i = 0; i < count; ++i)
        if (!is_failure(codes[i]))
            table_[asked[i].filter] = {{asked[i], static_cast<qos>(codes[i]), identifier}, true};
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

std::vector<subscribe> subscription_table::resubscriptions() const {
    std::map<std::optional<std::uint32_t>, subscribe> by_identifier;
    for (const auto& [filter, r] : table_)
        by_identifier[r.granted.identifier].subscriptions.push_back(r.granted.asked);
    std::vector<subscribe> packets;
    for (auto& [identifier, one] : by_identifier) {
        if (identifier) one.props.set(property_id::subscription_identifier, *identifier);
        packets.push_back(std::move(one));
    }
    return packets;
}

} // namespace weir::mqtt
