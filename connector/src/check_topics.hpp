#pragma once

#include "fault_list.hpp"

#include <weir/connector/options.hpp>

namespace weir::connector {

/// The filters, each by itself and against the others.
void check_topics(const producer_options& p, fault_list& out);

/// The name of the group, and the filters as members of one.
void check_shared_group(const producer_options& p, fault_list& out);

} // namespace weir::connector
