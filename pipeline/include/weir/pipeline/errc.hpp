#pragma once

#include <system_error>

namespace weir::pipeline {

/// What can go wrong with a pipeline as a whole.
enum class errc {
    already_running = 1,    ///< a pipeline of that name runs in this process
    inside_callback,        ///< a call that waits for the pipeline, made from one of its own callbacks
    producer_failed,        ///< a producer gave up, or threw
    not_running,            ///< the pipeline is not there, has not started yet, drains or has ended
    wrong_entry_type,       ///< messages of another type than the pipeline's producers emit
    rate_limiting_disabled, ///< the pipeline was started without a rate limit
    invalid_options,        ///< options that are not allowed
    not_quiescent,          ///< partitions cannot change while messages are in them
    bound_to_partitions,    ///< the number of workers cannot change: batches are bound to them
    engine_failed,          ///< too many errors inside of the pipeline itself: memory ran out, for one
    worker_failed,          ///< a worker could not begin: its handler's factory threw, for one
};

[[nodiscard]] const std::error_category& pipeline_category() noexcept;
[[nodiscard]] std::error_code make_error_code(errc e) noexcept;

} // namespace weir::pipeline

template <>
struct std::is_error_code_enum<weir::pipeline::errc> : std::true_type {};
