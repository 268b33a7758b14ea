#include "backlog.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::tool {

void backlog::add(json_value event, std::size_t size) {
    events_.push_back({std::move(event), size});
    bytes_ += size;
    while (events_.size() > most_events || (bytes_ > most_bytes && events_.size() > 1)) {
        drop_oldest();
        ++forgotten_;
    }
}

void backlog::drop_oldest() {
    bytes_ -= events_.front().size;
    events_.pop_front();
}

bool backlog::take(const event_match& wanted) {
    const auto found =
        std::find_if(events_.begin(), events_.end(), [&](const entry& e) { return wanted.fits(e.event); });
    if (found == events_.end()) return false;
    for (auto n = std::distance(events_.begin(), found) + 1; n > 0; --n)
        drop_oldest();
    forgotten_ = 0;
    return true;
}

} // namespace weir::tool
