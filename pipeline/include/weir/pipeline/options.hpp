#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace weir::pipeline {

using namespace std::chrono_literals;

/// The group of processors: workers that run `handle_message`.
struct processors_options {
    std::string name{"default"};  ///< the group's key, seen in telemetry and thread names
    std::size_t concurrency{0};   ///< workers; 0 = twice the online cores
    std::size_t max_demand{10};   ///< messages one worker may have asked for and not finished, >= 1
    std::size_t min_demand{npos}; ///< asks again at or below this many; default: half of max_demand

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// One batcher and its batch processors: workers that run `handle_batch`.
struct batcher_options {
    std::string name{"default"};
    std::size_t batch_size{100};                    ///< messages, >= 1
    std::chrono::milliseconds batch_timeout{1'000}; ///< from the arrival of a batch's first message, >= 1 ms
    std::size_t concurrency{1};                     ///< batch processors
    std::size_t max_demand{0};                      ///< per processor; 0 = batch_size
    std::size_t max_open_messages{
        0}; ///< in open batches; the oldest leaves early beyond it; 0 = 10 x batch_size, at least 10,000
};

/// What a pipeline is made of; the producer comes apart. Checked by `check` before anything starts.
struct options {
    std::string name{};
    processors_options processors{};
    std::vector<batcher_options> batchers{};
    std::chrono::milliseconds shutdown{30'000}; ///< bounds the whole of a stop
    std::size_t buffer_size{10'000};            ///< messages emitted beyond demand, per producer
};

/// One fault of an option: `path` as a user writes it ("processors.min_demand"), the value and what is
/// allowed.
struct option_fault {
    std::string path{};
    std::string value{};
    std::string allowed{};

    friend bool operator==(const option_fault&, const option_fault&) = default;
};

/// Every fault, cross-field rules included. `has_handle_batch` tells whether the handler can take batches.
[[nodiscard]] std::vector<option_fault> check(const options& o, bool has_handle_batch);

/// The same options with every "0 = default" replaced by the value in force.
[[nodiscard]] options effective(options o);

} // namespace weir::pipeline
