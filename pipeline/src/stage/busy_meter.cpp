#include "stage/busy_meter.hpp"

#include <algorithm>

namespace weir::pipeline {

void busy_meter::account(time_point now) noexcept {
    if (now <= since_) return;
    // What lies further back than the window counts no more.
    auto from = std::max(since_, now - window);
    since_ = now;
    if (!busy_) return;
    while (from < now) {
        const auto number = number_of(from);
        const auto end = std::min(now, began_ + (number + 1) * slot_length);
        auto& s = slots_[static_cast<std::size_t>(number) % slots];
        if (s.number != number) s = {number, {}};
        s.busy += end - from;
        from = end;
    }
}

/// Over whole slots: the running one and those before it.
double busy_meter::share(time_point now) const noexcept {
    auto upto_now = *this;
    upto_now.account(now);
    const auto last = number_of(now);
    const auto first = std::max<std::int64_t>(0, last - static_cast<std::int64_t>(slots) + 1);
    duration busy{};
    for (const auto& s : upto_now.slots_)
        if (s.number >= first && s.number <= last) busy += s.busy;
    const auto whole = now - (began_ + first * slot_length);
    if (whole <= duration::zero()) return busy_ ? 1.0 : 0.0;
    return std::min(1.0, static_cast<double>(busy.count()) / static_cast<double>(whole.count()));
}

} // namespace weir::pipeline
