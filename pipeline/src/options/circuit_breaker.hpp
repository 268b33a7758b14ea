#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/circuit_breaker.hpp>

#include <string>

namespace weir::pipeline {

void check_circuit_breaker(const circuit_breaker_options& o, const std::string& path, fault_list& faults);

} // namespace weir::pipeline
