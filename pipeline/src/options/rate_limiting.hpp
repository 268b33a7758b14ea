#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/rate_limiting.hpp>

#include <string>

namespace weir::pipeline {

void check_rate_limiting(const rate_limiting_options& o, const std::string& path, fault_list& faults);

} // namespace weir::pipeline
