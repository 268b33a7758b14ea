#pragma once

#include <weir/mqtt/types/property.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace weir::connector {

/// A message for several subscriptions may have several [MQTT 5.0, 3.3.2.3.8].
[[nodiscard]] inline std::vector<std::uint32_t> subscription_identifiers(const mqtt::properties& props) {
    std::vector<std::uint32_t> found;
    for (const auto& one : props)
        if (one.id == mqtt::property_id::subscription_identifier)
            if (const auto* number = std::get_if<std::uint32_t>(&one.value)) found.push_back(*number);
    return found;
}

} // namespace weir::connector
