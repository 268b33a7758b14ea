#pragma once

#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <string>

namespace weir::mqtt {

/// The message a server publishes when the connection ends without DISCONNECT 0x00 [MQTT 5.0, 3.1.2.5].
struct will {
    std::string topic{};
    std::string payload{}; ///< at most 65,535 bytes, may be empty
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool retain{false};
    properties props{}; ///< v5 only: Will Delay Interval, Payload Format Indicator and the like

    friend bool operator==(const will&, const will&) = default;
};

} // namespace weir::mqtt
