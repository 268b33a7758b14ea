#include "file_config.hpp"

#include <algorithm>

namespace weir::tool {

const sinks::sink_options& sink_of(const file_config& c, std::size_t index) {
    if (index < c.placements.size() && c.placements[index].sink) return *c.placements[index].sink;
    return c.sink.value();
}

std::vector<sinks::sink_options> all_sinks(const file_config& c) {
    std::vector<sinks::sink_options> out;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, c.pipeline.batchers.size()); ++i) {
        const auto& s = sink_of(c, i);
        if (std::find(out.begin(), out.end(), s) == out.end()) out.push_back(s);
    }
    return out;
}

} // namespace weir::tool
