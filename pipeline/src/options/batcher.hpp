#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/options/batcher.hpp>

#include <string>

namespace weir::pipeline {

void check_batcher(
    const batcher_options& b, const handler_abilities& can, const std::string& path, fault_list& faults);

/// Replaces every "0 = default" by the value in force.
void set_defaults(batcher_options& b);

} // namespace weir::pipeline
