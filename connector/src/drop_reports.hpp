#pragma once

#include "filter_tally.hpp"
#include "producer_context.hpp"

#include <weir/base/bytes.hpp>
#include <weir/mqtt/lane_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir::connector {

/// Tells the bus of messages that the client let go: the first at once, then at most once a second, so that a
/// flood of messages is no flood of events; and the log, which hears of it ever more seldom. Lane only.
class drop_reports {
  public:
    enum class reason : std::uint8_t { buffer_full, draining, too_large, payload_format };

    /// What is of QoS 0 and has a topic is counted in `qos0`.
    drop_reports(const producer_context& context, mqtt::io_lane& lane, filter_tally& qos0);

    /// Of QoS 0, by their topics.
    void add(reason why, std::span<const bytes> topics);

    /// One message.
    void add(reason why, std::string_view topic);

    /// Of topics that are not known.
    void add(reason why, std::size_t count);

    /// Tells what has not been told. Any thread but from inside; nothing may be added any more.
    void stop();

  private:
    static constexpr std::size_t reasons = 4;

    void note(reason why, std::size_t place, std::size_t count);
    void tell();
    void flush();
    void write_to_log(std::size_t why, std::size_t count);

    const producer_context& context_;
    filter_tally& qos0_;
    std::vector<std::array<std::size_t, reasons>> untold_; ///< by place of the filter
    std::array<std::uint64_t, reasons> told_{};
    std::array<std::uint64_t, reasons> next_line_{1, 1, 1, 1}; ///< when this many were told
    std::optional<time_point> last_{};
    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
