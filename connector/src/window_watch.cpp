#include "window_watch.hpp"

#include <algorithm>

namespace weir::connector {

window_watch::news window_watch::look(const window_state& w, time_point now) {
    const bool full = w.taken >= w.size;
    if (!full || !full_ || w.acks != acks_) {
        full_ = full;
        acks_ = w.acks;
        since_ = now;
        next_ = stall_after_;
        const bool was_stalled = told_;
        told_ = false;
        return was_stalled ? news::resumed : news::none;
    }
    if (now - since_ < next_) return news::none;
    next_ *= 2;
    told_ = true;
    return news::stalled;
}

/// A quarter of the window; or whatever is done, when nothing else can come or nothing else does: a broker's
/// own window may be smaller.
bool resume_rule::due(const window_state& w, time_point now) {
    if (w.arrivals != arrivals_ || last_arrival_ == time_point{}) {
        arrivals_ = w.arrivals;
        last_arrival_ = now;
    }
    if (w.passed_over_done == 0) return false;
    if (w.passed_over >= w.size) return true;
    if (!resumable_) return false;
    return w.passed_over_done >= std::max<std::size_t>(1, w.size / 4) || now - last_arrival_ >= quiet_;
}

} // namespace weir::connector
