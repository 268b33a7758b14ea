#pragma once

#include "overlap_filter.hpp"

#include <weir/connector/options.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace weir::connector {

/// Filters that go into one SUBSCRIBE, which has one identifier for all of them [MQTT 5.0, 3.8.2.1.2].
struct subscription_group {
    std::vector<mqtt::subscription> filters{};
    std::optional<std::uint32_t> identifier{};
};

/// With `overlap::dedup` the filters that overlap another one, each with an identifier that follows from its
/// text alone: so it is the same after a restart, in whatever order the filters stand. Else none.
[[nodiscard]] overlap_filter::identified identified_filters(const producer_options& o);

/// What is asked of the broker: a group for each filter with an identifier, and one for the others.
[[nodiscard]] std::vector<subscription_group> subscription_groups(const producer_options& o);

} // namespace weir::connector
