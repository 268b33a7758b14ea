#include "stage/terminator.hpp"

#include <algorithm>

namespace weir::pipeline {
namespace {

constexpr duration longest_close = std::chrono::seconds{1};
constexpr int share_of_close = 10; // a tenth of the whole

} // namespace

terminator::terminator(time_point now, time_point deadline)
    : began_(now)
    , deadline_(deadline) {}

void terminator::hasten(time_point deadline) {
    deadline_ = std::min(deadline_, deadline);
}

time_point terminator::give_up_at() const noexcept {
    const auto whole = std::max(duration::zero(), deadline_ - began_);
    return deadline_ - std::min(longest_close, whole / share_of_close);
}

terminator::step terminator::next(const observation& seen, time_point now) {
    if (seen.sources_drained && seen.passed == seen.accepted) {
        if (seen.in_flight == 0) return step::close;
        if (!flushed_) {
            flushed_ = true;
            return step::flush;
        }
    }
    return now >= give_up_at() ? step::abandon : step::wait;
}

} // namespace weir::pipeline
