#pragma once

#include <weir/mqtt/types/qos.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::mqtt {

/// When a new subscription is sent the retained messages [MQTT 5.0, 3.8.3.1].
enum class retain_handling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

/// One Topic Filter with its Subscription Options [MQTT 5.0, 3.8.3.1]. All but `qos` are v5 only.
struct subscription {
    std::string filter{};
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool no_local{false};            ///< do not send back what this client publishes
    bool retain_as_published{false}; ///< keep the RETAIN flag as the publisher set it
    mqtt::retain_handling retain_handling{mqtt::retain_handling::send};

    friend bool operator==(const subscription&, const subscription&) = default;
};

/// A subscription that stands at the server.
struct granted_subscription {
    subscription asked{};
    mqtt::qos granted{mqtt::qos::at_most_once}; ///< at most what was asked
    std::optional<std::uint32_t> identifier{};  ///< Subscription Identifier, v5

    friend bool operator==(const granted_subscription&, const granted_subscription&) = default;
};

} // namespace weir::mqtt
