#pragma once

#include <weir/pipeline/options/batch_retry.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::pipeline {

/// What happens when a batcher's open batches hold as many messages as they may.
enum class open_bound : std::uint8_t {
    oldest_leaves,  ///< the batch opened first, trigger *bound*
    largest_leaves, ///< the batch with the most messages, trigger *bound*
    intake_stops,   ///< messages of this batcher keep the sources' credit until some have left it; what the
                    ///< sources have credit for already still joins
};

/// Lets a batcher look for the batch size with which `handle_batch` takes a given time. Off unless `target`
/// is set; then all three are needed, and `batch_size` is the size to begin with.
struct adaptive_options {
    std::size_t min_size{0}; ///< messages, >= 1
    std::size_t max_size{0}; ///< messages, >= min_size
    std::chrono::milliseconds target{0};

    [[nodiscard]] bool any() const noexcept { return min_size != 0 || max_size != 0 || target.count() != 0; }
};

/// One batcher and its batch processors: workers that run `handle_batch`.
struct batcher_options {
    std::string name{"default"};
    std::size_t batch_size{100};                    ///< messages in a batch at most, >= 1
    std::chrono::milliseconds batch_timeout{1'000}; ///< from the arrival of a batch's first message, >= 1 ms
    std::size_t concurrency{1};                     ///< batch processors
    std::size_t max_concurrency{
        0}; ///< the most that `set_batch_processors` may ask for; 0 = twice `concurrency`, at least 32
    std::size_t max_demand{0};        ///< messages that may wait here, per processor; 0 = batch_size
    std::size_t max_open_messages{0}; ///< in open batches; 0 = 10 x batch_size, at least 10,000
    open_bound at_max_open{open_bound::oldest_leaves}; ///< what happens at `max_open_messages`

    /// Bytes in a batch at most, by the handler's `message_size` or the size of data that is a run of bytes;
    /// only a message that is larger by itself leaves in a larger batch, alone. 0 = any.
    std::size_t max_bytes{0};

    /// Asks the handler's `split_batch` where batches end. `batch_size`, `max_bytes` and `batch_timeout` hold
    /// beside it; `max_demand` must be given.
    bool splitter{false};

    /// A batch holds messages of one partition and goes to the batch processor with its index: the value of
    /// the handler's `partition_batch_by`, or else its `partition_by`, modulo `concurrency`.
    bool partitioned{false};

    /// Two batches of one batch key are never handled at the same time, and are handled in the order of their
    /// completion. Without this, or `partitioned`, they may be.
    bool serial_per_key{false};

    adaptive_options adaptive{};

    /// For each call of `handle_batch`; 0: none. When it is up, the callback's stop token is triggered and
    /// the batch is settled as failed.
    std::chrono::milliseconds time_limit{0};
    bool replace_hanging{false}; ///< as that of the processors

    batch_retry_options retry{};

    /// With a coroutine `handle_batch`: batches one batch processor has under way at once, up to 10,000; they
    /// may then end in any order. 0 = 8, or 1 where `partitioned`, which allows no more; without a coroutine,
    /// nothing but 0 is allowed.
    std::size_t in_flight{0};
};

/// The most messages that a batch can hold.
[[nodiscard]] inline std::size_t largest_batch(const batcher_options& b) noexcept {
    return b.adaptive.any() ? b.adaptive.max_size : b.batch_size;
}

} // namespace weir::pipeline
