#include "options/batcher.hpp"

#include <algorithm>

namespace weir::pipeline {

void check_batcher(const batcher_options& b, const std::string& path, fault_list& faults) {
    faults.expect(!b.name.empty(), path + ".name", quoted(b.name), "a non-empty name");
    faults.expect_range(path + ".batch_size", b.batch_size, 1, most_messages);
    faults.expect(
        b.batch_timeout.count() >= 1, path + ".batch_timeout", text(b.batch_timeout),
        "a duration of at least 1ms");
    faults.expect_range(path + ".concurrency", b.concurrency, 1, most_workers);
    faults.expect_range(path + ".max_demand", b.max_demand, 0, most_messages);
    faults.expect(
        b.max_open_messages == 0 || b.max_open_messages >= b.batch_size, path + ".max_open_messages",
        std::to_string(b.max_open_messages),
        "0 for the default, or an integer of at least batch_size (" + std::to_string(b.batch_size) + ")");
}

void set_defaults(batcher_options& b) {
    if (b.max_demand == 0) b.max_demand = b.batch_size;
    if (b.max_open_messages == 0) b.max_open_messages = std::max<std::size_t>(10'000, 10 * b.batch_size);
}

} // namespace weir::pipeline
