#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/overflow.hpp>

#include <cstddef>
#include <string>

namespace weir::pipeline {

void check_overflow(
    const overflow_options& o, std::size_t buffer_size, const std::string& path, fault_list& faults);

/// With every "0" and "automatic" replaced by the value in force.
[[nodiscard]] overflow_options effective(overflow_options o, std::size_t buffer_size) noexcept;

} // namespace weir::pipeline
