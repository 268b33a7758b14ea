#pragma once

#include "fleet/identity.hpp"
#include "fleet/vehicle.hpp"

#include <weir/base/time.hpp>

#include <functional>
#include <queue>
#include <string>
#include <vector>

namespace weir::demo {

/// What a vehicle reports, ready to be published.
struct report {
    identity id{};
    std::size_t vehicle_index{0};
    std::string topic{};
    std::string payload{};
};

/// A number of vehicles and the times at which they report: once a second each, their phases spread evenly
/// over the second, each report up to 100 ms early or late. The same seed gives the same fleet.
class fleet {
  public:
    fleet(std::size_t vehicles, std::uint64_t seed, time_point start);

    [[nodiscard]] time_point next_due() const { return due_.top().at; }

    /// Makes the reports that are due, in the order of their times.
    void report_until(time_point now, system_time_point wall_now, const std::function<void(report)>& publish);

  private:
    struct member {
        vehicle self;
        time_point regular{}; ///< the next report without its jitter
        std::uint32_t sequence{0};
    };

    struct appointment {
        time_point at{};
        std::size_t index{0};

        friend bool operator>(const appointment& a, const appointment& b) { return a.at > b.at; }
    };

    void schedule(std::size_t index);

    random_source random_;
    std::vector<member> members_;
    std::priority_queue<appointment, std::vector<appointment>, std::greater<>> due_;
};

} // namespace weir::demo
