#include "options/retry.hpp"

#include <string>

namespace weir::pipeline {
namespace {

constexpr std::size_t max_attempts = 10'000;
constexpr std::size_t max_waiting = 1'000'000;
constexpr double max_factor = 100.0;

template <class Options>
void check_attempts(const Options& r, const std::string& path, fault_list& faults) {
    faults.expect_range(path + ".max_attempts", r.max_attempts, 1, max_attempts);
    faults.expect(r.delay.count() >= 0, path + ".delay", text(r.delay), "a duration of at least 0ms");
    faults.expect(
        r.max_delay >= r.delay, path + ".max_delay", text(r.max_delay),
        "a duration of at least delay (" + text(r.delay) + ")");
    faults.expect(
        r.factor >= 1.0 && r.factor <= max_factor, path + ".factor", std::to_string(r.factor),
        "a number from 1 to 100");
    faults.expect(
        r.jitter >= 0.0 && r.jitter <= 1.0, path + ".jitter", std::to_string(r.jitter),
        "a number from 0 to 1");
    faults.expect(
        r.total_limit.count() >= 0, path + ".total_limit", text(r.total_limit),
        "0ms for no limit, or a duration");
    faults.expect_range(path + ".max_waiting", r.max_waiting, 1, max_waiting);
}

} // namespace

void check_retry(
    const retry_options& r, const ordering_options& order, const std::string& path, fault_list& faults) {
    check_attempts(r, path, faults);
    faults.expect(
        !r.hold_lane || order.mode != ordering::none, path + ".hold_lane", "true",
        "false, since processors.ordering.mode is \"none\" and there are no lanes");
    faults.expect(
        !r.hold_lane || r.max_attempts > 1, path + ".hold_lane", "true",
        "false, since max_attempts is 1 and nothing is tried again");
}

void check_batch_retry(const batch_retry_options& r, const std::string& path, fault_list& faults) {
    check_attempts(r, path, faults);
}

} // namespace weir::pipeline
