#pragma once

#include <chrono>
#include <cstddef>

namespace weir::pipeline {

/// Whether and when a failed message runs again. It keeps its place in its source's window all the while,
/// starts over from the raw event (decoder, `prepare_messages`, `handle_message`) and is settled once, after
/// the last attempt. No worker waits for it. What cannot be decoded is not tried again.
struct retry_options {
    std::size_t max_attempts{1}; ///< in this pipeline, the first included; 1: nothing is retried; to 10,000
    std::chrono::milliseconds delay{100};        ///< before the second attempt
    std::chrono::milliseconds max_delay{30'000}; ///< no pause is longer; at least `delay`
    double factor{2.0};                          ///< what each pause is longer than the one before; 1 to 100
    double jitter{0.2};                          ///< the share of a pause that chance may take off; 0 to 1
    std::chrono::milliseconds total_limit{0}; ///< no attempt begins later than this after the source received
                                              ///< the message (after its first failure, when the source does
                                              ///< not say); 0: no limit
    std::size_t max_waiting{1'000};           ///< messages that wait at once; one more fails at once; >= 1

    /// With an order among messages (`processors.ordering`): a message that failed in `handle_message` keeps
    /// its place, and those behind it in its lane wait until it has succeeded or failed for good. Messages
    /// are then taken up one by one. Otherwise they pass, and it comes back to the end of its lane, as one
    /// that failed in a batch always does.
    bool hold_lane{false};
};

} // namespace weir::pipeline
