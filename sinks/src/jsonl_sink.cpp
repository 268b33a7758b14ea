#include "jsonl_sink.hpp"

#include <weir/sinks/json.hpp>

#include <string>

namespace weir::sinks {

void jsonl_sink::write(std::span<message> messages) {
    std::string lines;
    for (const auto& m : messages) {
        if (m.failed()) continue;
        lines += to_json_line(to_record(m));
        lines += '\n';
    }
    if (lines.empty()) return;
    const std::lock_guard lock(mutex_);
    file_.append(lines);
}

} // namespace weir::sinks
