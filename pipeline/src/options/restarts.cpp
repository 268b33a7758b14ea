#include "options/restarts.hpp"

namespace weir::pipeline {

void check_restarts(const restart_options& o, const std::string& path, fault_list& faults) {
    constexpr std::size_t max_restarts = 1'000'000;
    faults.expect(
        o.max_restarts <= max_restarts || o.max_restarts == restart_options::unlimited,
        path + ".max_restarts", std::to_string(o.max_restarts),
        "an integer from 0 to " + std::to_string(max_restarts) + ", or unlimited");
    faults.expect(
        o.max_seconds.count() >= 1, path + ".max_seconds", text(o.max_seconds), "a duration of at least 1s");
    faults.expect(
        o.resubscribe_interval.count() >= 0, path + ".resubscribe_interval", text(o.resubscribe_interval),
        "a duration of at least 0ms");
    faults.expect(
        o.max_delay >= o.resubscribe_interval && o.max_delay.count() >= 1, path + ".max_delay",
        text(o.max_delay),
        "a duration of at least 1ms, not less than resubscribe_interval (" + text(o.resubscribe_interval) +
            ")");
    faults.expect(
        o.healthy_after.count() >= 1, path + ".healthy_after", text(o.healthy_after),
        "a duration of at least 1ms");
}

} // namespace weir::pipeline
