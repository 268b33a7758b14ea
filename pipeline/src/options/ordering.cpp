#include "options/ordering.hpp"

#include <algorithm>

namespace weir::pipeline {

std::string_view to_string(ordering o) noexcept {
    switch (o) {
    case ordering::none: return "none";
    case ordering::partitioned: return "partitioned";
    case ordering::keyed: return "keyed";
    }
    return "unknown";
}

void check_ordering(
    const ordering_options& o, std::size_t processors, bool has_partition_by, const std::string& path,
    fault_list& faults) {
    constexpr std::size_t most = 1'000'000;
    faults.expect(
        o.mode == ordering::none || has_partition_by, path + ".mode", quoted(to_string(o.mode)),
        "\"none\", since the handler has no partition_by");
    if (o.mode == ordering::keyed)
        faults.expect_range(path + ".lanes", o.lanes, std::clamp<std::size_t>(processors, 1, most), most);
    faults.expect_range(path + ".lane_buffer", o.lane_buffer, 0, most);
}

} // namespace weir::pipeline
