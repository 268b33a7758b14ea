#pragma once

#include "fault_list.hpp"

#include <weir/pipeline/options/batch_retry.hpp>
#include <weir/pipeline/options/ordering.hpp>
#include <weir/pipeline/options/retry.hpp>

#include <string>

namespace weir::pipeline {

/// `path` as in "retry".
void check_retry(
    const retry_options& r, const ordering_options& order, const std::string& path, fault_list& faults);

/// `path` as in "batchers[0].retry".
void check_batch_retry(const batch_retry_options& r, const std::string& path, fault_list& faults);

} // namespace weir::pipeline
