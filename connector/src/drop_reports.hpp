#pragma once

#include "producer_context.hpp"

#include <weir/mqtt/lane_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::connector {

/// Tells the bus of QoS 0 messages that were dropped: the first at once, then at most once a second, so that
/// a flood of messages is no flood of events. Lane only.
class drop_reports {
  public:
    enum class reason : std::uint8_t { buffer_full, draining };

    drop_reports(const producer_context& context, mqtt::io_lane& lane);

    void add(reason why, std::size_t count);

    /// Tells what has not been told. Any thread but from inside; nothing may be added any more.
    void stop();

  private:
    void flush();

    const producer_context& context_;
    std::array<std::size_t, 2> untold_{};
    std::optional<time_point> last_{};
    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
