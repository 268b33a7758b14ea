#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/options/batcher.hpp>

#include <chrono>
#include <string>

namespace weir::pipeline {

/// `max` is 0 for the default, or at least what is there at the start.
void check_max_concurrency(
    const std::string& path, std::size_t concurrency, std::size_t max, fault_list& faults);

/// Nothing hangs without a limit.
void check_replacing(
    const std::string& path, bool replaces, std::chrono::milliseconds time_limit, fault_list& faults);

[[nodiscard]] std::size_t default_max_concurrency(std::size_t concurrency) noexcept;

void check_batcher(
    const batcher_options& b, const handler_abilities& can, const std::string& path, fault_list& faults);

/// Replaces every "0 = default" by the value in force.
void set_defaults(batcher_options& b);

} // namespace weir::pipeline
