#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace weir::pipeline {

/// One batcher and its batch processors: workers that run `handle_batch`.
struct batcher_options {
    std::string name{"default"};
    std::size_t batch_size{100};                    ///< messages in a batch at most, >= 1
    std::chrono::milliseconds batch_timeout{1'000}; ///< from the arrival of a batch's first message, >= 1 ms
    std::size_t concurrency{1};                     ///< batch processors
    std::size_t max_demand{0}; ///< messages that may wait here, per processor; 0 = batch_size
    std::size_t max_open_messages{
        0}; ///< in open batches; beyond it the oldest leaves early; 0 = 10 x batch_size, at least 10,000
};

} // namespace weir::pipeline
