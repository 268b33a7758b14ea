#include "sqlite_sink.hpp"

#include <vector>

namespace weir::sinks {

void sqlite_sink::write(std::span<message> messages) {
    std::vector<row> rows;
    std::vector<message*> origins; // of the rows, index by index
    rows.reserve(messages.size());
    origins.reserve(messages.size());
    for (auto& m : messages) {
        if (m.failed()) continue;
        rows.push_back(to_row(to_record(m)));
        origins.push_back(&m);
    }
    if (rows.empty()) return;
    const std::lock_guard lock(mutex_);
    for (auto& refused : store_.insert(rows))
        origins[refused.index]->fail(std::move(refused.reason));
}

} // namespace weir::sinks
