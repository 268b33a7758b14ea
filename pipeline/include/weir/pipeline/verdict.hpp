#pragma once

#include <cstdint>

namespace weir::pipeline {

/// What is to become of a failed message, decided by a handler's `decide_failure`.
enum class verdict : std::uint8_t {
    retry,       ///< as without a decision: another attempt if the options leave one, else as `dead_letter`
    dead_letter, ///< no more attempts; to `handle_dead_letter` if the handler has it, else as `fail`
    fail,        ///< settled as failed, without a dead letter
    succeed,     ///< settled as successful; `handle_failed` does not see it
};

} // namespace weir::pipeline
