#pragma once

#include <chrono>
#include <cstddef>

namespace weir::pipeline {

/// What happens to a batch whose `handle_batch` threw: it is handled again as a whole, in its order, with its
/// messages as the callback left them; no worker waits for it, and its messages keep their places in their
/// sources' windows. After the last attempt it may be split. What has failed then is failed message by
/// message, for each of which the pipeline's own `retry` decides.
struct batch_retry_options {
    std::size_t max_attempts{1};                 ///< at the whole batch, the first included; 1 to 10,000
    std::chrono::milliseconds delay{100};        ///< before the second attempt
    std::chrono::milliseconds max_delay{30'000}; ///< no pause is longer; at least `delay`
    double factor{2.0};                          ///< what each pause is longer than the one before; 1 to 100
    double jitter{0.2};                          ///< the share of a pause that chance may take off; 0 to 1
    std::chrono::milliseconds total_limit{0}; ///< no attempt begins later than this after the first failure;
                                              ///< 0: no limit
    std::size_t max_waiting{10}; ///< batches that wait at once; one more is not tried again; >= 1
    bool split{false}; ///< after the last attempt at the whole: at once in halves, and these in halves as far
                       ///< as they throw, down to single messages
};

} // namespace weir::pipeline
