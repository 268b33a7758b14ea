#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/session/event.hpp>

#include <optional>
#include <set>
#include <utility>

namespace weir::mqtt {

/// When publishes that were given a deadline are too late, soonest first. Those without have no entry.
class publish_deadlines {
  public:
    void add(std::optional<time_point> when, operation_id operation) {
        if (when) all_.emplace(*when, operation);
    }

    void remove(std::optional<time_point> when, operation_id operation) {
        if (when) all_.erase({*when, operation});
    }

    [[nodiscard]] std::optional<time_point> next() const noexcept {
        if (all_.empty()) return std::nullopt;
        return all_.begin()->first;
    }

    /// Takes one whose time has come.
    [[nodiscard]] std::optional<operation_id> take_due(time_point now) {
        if (all_.empty() || now < all_.begin()->first) return std::nullopt;
        return all_.extract(all_.begin()).value().second;
    }

  private:
    std::set<std::pair<time_point, operation_id>> all_; ///< bounded by the send queue and the window
};

} // namespace weir::mqtt
