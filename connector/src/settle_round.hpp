#pragma once

#include "mqtt_acknowledger.hpp"

#include <vector>

namespace weir::connector {

/// One call of `settle`, or what stands for one.
struct mqtt_acknowledger::round {
    explicit round(time_point t)
        : now(t)
        , acks(scratch()) {
        acks.clear();
    }

    /// Each worker reuses its own: no allocation per call.
    static std::vector<mqtt::ack_outcome>& scratch() {
        thread_local std::vector<mqtt::ack_outcome> list;
        return list;
    }

    time_point now;
    std::vector<mqtt::ack_outcome>& acks;
    std::vector<done_key> keys{};
    settle_counts counts{};
};

[[nodiscard]] inline mqtt::ack_outcome acknowledge(
    const inbound_record& r, mqtt::reason_code code = mqtt::reason_code::success) {
    return {.token = r.token, .verdict = mqtt::ack_outcome::decision::acknowledge, .code = code};
}

[[nodiscard]] inline mqtt::ack_outcome defer(const mqtt::ack_token& t) {
    return {.token = t, .verdict = mqtt::ack_outcome::decision::defer};
}

[[nodiscard]] inline bool is_qos0(const inbound_record& r) {
    return r.received.qos == mqtt::qos::at_most_once;
}

} // namespace weir::connector
