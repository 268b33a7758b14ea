#pragma once

#include "scenario.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::bench {

struct timing {
    std::chrono::milliseconds warm_up{200};
    std::chrono::milliseconds measured{600};
};

/// How the two sides are set up, beside the scenario.
struct setup {
    std::size_t processors{1}; ///< of the pipeline
    std::size_t max_demand{0}; ///< of each; 0 = twice the window
    bool busy_broker{false};   ///< see `flood`
};

/// One run of one consumer in one scenario.
struct sample {
    double messages_per_second{0};
    double cpu_ns{0};        ///< of the consumer's process, per message, user and system
    double broker_cpu_ns{0}; ///< of the broker's, per message
    double ack_p50_us{0};    ///< write of a PUBLISH to its PUBACK or PUBREC; 0 at QoS 0
    double ack_p99_us{0};
    std::uint64_t messages{0}; ///< published, handled and acknowledged from start to end, warm-up included
};

/// Starts `consumer` as a process of its own, floods it, and checks at the end that it has handled exactly
/// the messages published and acknowledged each. Throws `std::runtime_error` when it has not.
[[nodiscard]] sample measure(
    const std::string& consumer, const scenario& s, const timing& t, const setup& how);

} // namespace weir::bench
