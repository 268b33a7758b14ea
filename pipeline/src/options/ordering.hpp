#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/ordering.hpp>

#include <cstddef>
#include <string>

namespace weir::pipeline {

void check_ordering(
    const ordering_options& o, std::size_t processors, bool has_partition_by, const std::string& path,
    fault_list& faults);

} // namespace weir::pipeline
