#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::bench {

/// What the broker sends and under which limits; the same for every consumer compared.
struct scenario {
    int qos{1};
    std::size_t payload{64};     ///< bytes
    std::uint16_t window{1'000}; ///< unacknowledged QoS 1/2 messages the broker may have out
    int version{5};              ///< level of the protocol: 4 is MQTT 3.1.1, 5 is MQTT 5.0

    friend bool operator==(const scenario&, const scenario&) = default;
};

[[nodiscard]] std::string to_string(const scenario& s);

/// What a consumer process is told on its command line.
struct consumer_task {
    std::uint16_t port{0};
    int qos{1};
    std::uint16_t window{1'000};
    int version{5};
    int counters_fd{-1}; ///< memory shared with the broker's process, inherited
    std::size_t processors{1};
    std::size_t max_demand{2'000}; ///< of a processor
};

} // namespace weir::bench
