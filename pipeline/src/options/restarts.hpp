#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/restarts.hpp>

#include <string>

namespace weir::pipeline {

void check_restarts(const restart_options& o, const std::string& path, fault_list& faults);

} // namespace weir::pipeline
