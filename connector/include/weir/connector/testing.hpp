#pragma once

#include <weir/base/time.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::connector::testing {

/// A PUBLISH as a test makes it up.
struct publish {
    std::string topic{};
    std::string payload{};
    mqtt::qos qos{mqtt::qos::at_least_once};
    bool retain{false};
    bool dup{false};
    std::uint16_t packet_id{1}; ///< seen as 0 at QoS 0
    mqtt::properties props{};
    std::string client_id{"test"};
    std::size_t producer_index{0};
    std::string shared_group{};
    std::vector<std::string> filters{}; ///< for `matched_filter`
    time_point received_mono{};
    system_time_point received_at{};
};

/// The same as if a broker had sent it: for decoders, and for handlers through a pipeline that runs, be it on
/// virtual time or connected to a broker. Acknowledging it does nothing.
[[nodiscard]] inbound make_inbound(publish p);

} // namespace weir::connector::testing
