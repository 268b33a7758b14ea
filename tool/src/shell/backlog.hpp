#pragma once

#include "event_match.hpp"
#include "output/mqtt_json.hpp"

#include <cstdint>
#include <deque>

namespace weir::tool {

/// The events of one client that no `wait` has looked at yet. Bounded: the oldest ones are forgotten.
class backlog {
  public:
    static constexpr std::size_t most_events = 10'000;
    static constexpr std::size_t most_bytes = 64u << 20;

    /// `size` is that of the event as text.
    void add(json_value event, std::size_t size);

    /// Whether one fits; it is taken out, with all that came before it. Without one nothing changes.
    [[nodiscard]] bool take(const event_match& wanted);

    /// How many were forgotten since the last `take` that found one.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

  private:
    struct entry {
        json_value event;
        std::size_t size;
    };

    void drop_oldest();

    std::deque<entry> events_{};
    std::size_t bytes_{0};
    std::uint64_t forgotten_{0};
};

} // namespace weir::tool
