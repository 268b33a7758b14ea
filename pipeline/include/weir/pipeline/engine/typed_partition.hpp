#pragma once

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/typed_runs.hpp>
#include <weir/pipeline/partition.hpp>

#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// Asks for each message of a chunk to which partition it belongs. A message without an answer gets -1, and
/// its reason goes to `reasons`.
template <class Raw, class Function>
void partition_each(
    const typed_raw_run<Raw>& chunk, Function partition_by, std::vector<partition_value>& into,
    std::vector<std::string>& reasons) {
    for (const auto& e : chunk.entries) {
        partition_value value = -1;
        try {
            value = partition_by(e.value);
            if (value < 0)
                reasons.push_back("partition_by returned " + std::to_string(value) + ", must be at least 0");
        } catch (...) {
            reasons.push_back("partition_by threw: " + capture_exception("partition_by").text);
        }
        into.push_back(value < 0 ? -1 : value);
    }
}

} // namespace weir::pipeline::engine
