#pragma once

#include "fault_list.hpp"

#include <weir/connector/options.hpp>

namespace weir::connector {

/// What follows a failed message: redelivery, rejection, dead letters.
void check_failures(const producer_options& p, fault_list& out);

} // namespace weir::connector
