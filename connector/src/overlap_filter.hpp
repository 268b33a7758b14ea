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

    /// Counts the message, and says which of those delivered it is a copy of: by how often its identifiers
    /// were seen. Nothing when one was seen more often than messages were delivered: then it is new, and its
    /// outcome is to be added.
    [[nodiscard]] static std::optional<std::size_t> copy_of(place& at, const mqtt::publish& p);

    /// A message is delivered that counts there; its copies will be delivered, too, when there are too many.
    void add(place& at, std::shared_ptr<shared_outcome> outcome);

    struct place {
        std::map<std::uint32_t, std::uint32_t> seen;           ///< by identifier
        std::vector<std::shared_ptr<shared_outcome>> outcomes; ///< of those delivered, in their order
    };

    static constexpr duration memory = std::chrono::seconds{5};
    static constexpr std::size_t most = 10'000; ///< messages, of one content or of many

  private:
    [[nodiscard]] bool may_come_twice(const mqtt::publish& p) const;

    identified filters_;
    std::map<mqtt::fingerprint, place> places_;
    std::size_t delivered_{0}; ///< of all places
    std::deque<std::pair<time_point, mqtt::fingerprint>> order_;
};

} // namespace weir::connector
