#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/options.hpp>

namespace weir::pipeline {

void check_in_flight(const options& o, const handler_abilities& handler, fault_list& faults);

/// Replaces every "0 = default" by the value in force, and lets demand allow for so many messages.
void set_in_flight(options& o, const handler_abilities& handler);

} // namespace weir::pipeline
