#pragma once

#include "copies.hpp"

#include <weir/base/time.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/mqtt/session/fingerprint.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::connector {

/// Tells the copies of a message that a broker sends for each of several subscriptions that select it [MQTT
/// 5.0, 3.3.4] from another message of the same content, by the Subscription Identifiers. It never expects a
/// copy: the broker may send one for all. In doubt a message is new. Time is an argument. Lane only.
class overlap_filter {
  public:
    /// Filters that overlap another one, with the identifiers they are subscribed with.
    using identified = std::vector<std::pair<std::string, std::uint32_t>>;

    explicit overlap_filter(identified filters)
        : filters_(std::move(filters)) {}

    struct place;

    /// Where the message counts; null when it is none that may come several times.
    [[nodiscard]] place* find(const mqtt::publish& p, time_point now);

    /// Counts the message, and says whether it is a copy: no identifier was seen more often than messages
    /// were delivered.
    [[nodiscard]] static bool is_copy(place& at, const mqtt::publish& p);

    /// The message goes to the pipeline.
    static void delivered(place& at, std::shared_ptr<shared_outcome> outcome);

    struct place {
        std::map<std::uint32_t, std::uint32_t> seen; ///< by identifier
        std::uint32_t delivered{0};
        std::shared_ptr<shared_outcome> outcome; ///< of the last one delivered
    };

    static constexpr duration memory = std::chrono::seconds{5};
    static constexpr std::size_t most = 10'000;

  private:
    [[nodiscard]] bool may_come_twice(const mqtt::publish& p) const;

    identified filters_;
    std::map<mqtt::fingerprint, place> places_;
    std::deque<std::pair<time_point, mqtt::fingerprint>> order_;
};

} // namespace weir::connector
