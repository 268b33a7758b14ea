#include "engine/watchdog.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/events/failures.hpp>

#include <algorithm>
#include <string>

namespace weir::pipeline::engine {

std::optional<time_point> watchdog::due() const {
    auto first = looked_ + limit_;
    for (const auto& w : workers_.everyone())
        if (const auto began = w->began()) first = std::min(first, *began + limit_);
    return first;
}

void watchdog::tick(time_point now) {
    looked_ = now;
    for (const auto& w : workers_.everyone())
        expire(*w, now);
}

void watchdog::expire(worker& w, time_point now) {
    owed_.clear();
    if (!w.expire(now - limit_, owed_)) return;
    const auto reason =
        "timeout: its callback did not return within " + std::to_string(limit_.count()) + "ms";
    log(log_level::error, w.name() + " hangs: its callback did not return within " +
                              std::to_string(limit_.count()) + "ms; its " + std::to_string(owed_.size()) +
                              " messages fail");
    settler_.add_all(owed_, outcome::failed, reason);
    settler_.flush();
    parts_.accounts.count(parts_.lane, ledger::entry::timeouts, owed_.size());
    if (parts_.counts_passed) parts_.accounts.passed(parts_.lane, owed_.size());
    parts_.shared.bus->emit<callback_timeout>([&] {
        return callback_timeout{parts_.shared.pipeline, w.name(), owed_.size(), limit_};
    });
    w.stop_overdue();
    if (parts_.most > 0 && w.hangs() && workers_.replace(w, parts_.most))
        log(log_level::warning, "another worker has taken the place of " + w.name());
}

} // namespace weir::pipeline::engine
