#include "options/rate_limiting.hpp"

#include <cstdint>

namespace weir::pipeline {
namespace {

constexpr std::chrono::hours max_interval{
    24}; // with most_messages it keeps the bucket's arithmetic in 64 bits

} // namespace

void check_rate_limiting(const rate_limiting_options& o, const std::string& path, fault_list& faults) {
    const auto off = o.allowed_messages == 0 && o.interval.count() == 0;
    faults.expect(
        !off || o.burst == 0, path + ".burst", std::to_string(o.burst),
        "0 as long as allowed_messages and interval are not given");
    if (off) return;
    faults.expect_range(path + ".allowed_messages", o.allowed_messages, 1, most_messages);
    faults.expect(
        o.interval.count() >= 1 && o.interval <= max_interval, path + ".interval", text(o.interval),
        "a duration from 1ms to 24h");
    faults.expect_range(path + ".burst", o.burst, 0, most_messages);
}

} // namespace weir::pipeline
