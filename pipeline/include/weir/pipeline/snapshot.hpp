#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/options/circuit_breaker.hpp>
#include <weir/pipeline/options/rate_limiting.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pipeline {

enum class state : std::uint8_t { starting, running, draining, stopped, failed };

[[nodiscard]] std::string_view to_string(state s) noexcept;

/// Length and bound of one queue.
struct queue_stats {
    std::string name{};
    std::size_t length{0};
    std::size_t bound{0};
};

struct worker_stats {
    std::string name{};
    double busy{0}; ///< share of the last five seconds, 0..1, what is under way included
};

/// A distribution, over all that was measured since the start.
struct distribution {
    std::uint64_t count{0};
    std::uint64_t p50{0};
    std::uint64_t p90{0};
    std::uint64_t p99{0};
    std::uint64_t max{0};
};

/// One stage: the processors, or the batch processors of one batcher.
struct stage_stats {
    std::string name{};          ///< "fleet.Processor_default", "fleet.BatchProcessor_alarms"
    std::uint64_t successful{0}; ///< settled there
    std::uint64_t failed{0};
    std::uint64_t abandoned{0};
    std::uint64_t batches{0};   ///< taken up; 0 for processors
    distribution batch_size{};  ///< messages, of all batches
    distribution handle_time{}; ///< nanoseconds: of each batch, or per message of a chunk in a while
    distribution
        settle_delay{}; ///< microseconds from acceptance to settlement: of the first message of those
};

/// What holds messages back before they come in.
struct intake_stats {
    bool paused{false}; ///< by the application
    circuit_state circuit{circuit_state::closed};
    rate_limiting_options rate_limiting{}; ///< in force; not `is_on` without
    bool rate_limited{false};              ///< the allowance is used up
    duration opens_in{};                   ///< then: until more may pass
};

struct producer_stats {
    std::string name{};        ///< "fleet.Producer_0"
    std::uint64_t restarts{0}; ///< after failures
};

/// What a pipeline is doing; sums since its start.
struct snapshot {
    pipeline::state state{pipeline::state::starting};
    std::uint64_t accepted{0};
    std::uint64_t successful{0};
    std::uint64_t failed{0};
    std::uint64_t abandoned{0};
    std::uint64_t batches{0};
    std::uint64_t retried{0};           ///< attempts granted to failed messages
    std::uint64_t retries_refused{0};   ///< for too many waited already
    std::uint64_t batch_retries{0};     ///< attempts granted to batches that failed as a whole
    std::uint64_t dead_lettered{0};     ///< taken by `handle_dead_letter`
    std::uint64_t timeouts{0};          ///< messages whose callback took longer than `time_limit`
    std::uint64_t late_settlements{0};  ///< told to a producer while it was stopped after a failure
    std::uint64_t restarts{0};          ///< of all producers
    std::vector<std::string> hanging{}; ///< workers whose callback has not returned since
    std::size_t in_flight{0};           ///< accepted and not yet settled
    std::size_t open_batches{0};
    intake_stats intake{};
    std::vector<producer_stats> producers{};
    std::vector<queue_stats> queues{};
    std::vector<stage_stats> stages{};   ///< the processors, then each batcher's batch processors
    std::vector<worker_stats> workers{}; ///< processors, then the batch processors of each batcher
};

} // namespace weir::pipeline
