#include "conductor/kill_plan.hpp"

#include <algorithm>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t fewest = 3;
constexpr duration usual_part = 4s;

} // namespace

kill_plan::kill_plan(time_point start, duration length, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::int64_t parts = std::max(fewest, length / usual_part);
    const duration part = length / parts;
    std::uniform_int_distribution<duration::rep> within(0, part.count() - 1);
    for (auto i = parts - 1; i >= 0; --i)
        latest_first_.push_back(start + part * i + duration{within(random)});
}

bool kill_plan::is_due(time_point now) {
    if (latest_first_.empty() || now < latest_first_.back()) return false;
    latest_first_.pop_back();
    return true;
}

} // namespace weir::demo
