#pragma once

#include "drop_reports.hpp"
#include "producer_context.hpp"

#include <weir/mqtt/client.hpp>

#include <cstddef>
#include <string>

namespace weir::connector {

/// Tells the bus and the log how one producer's connection fares. Lane only.
class connection_reports {
  public:
    connection_reports(const producer_context& context, mqtt::io_lane& lane)
        : context_(context)
        , drops_(context, lane) {}

    void up(const mqtt::connected& info, const std::string& endpoint, duration took);
    void down(const mqtt::connection_down& info, std::size_t unacknowledged);
    void attempt_failed(const mqtt::connection_down& info);
    void warned(const std::string& text);
    void session_lost(std::size_t unacknowledged);
    void happened(const mqtt::dropped& what);
    void session_limited(const mqtt::session_expiry_lowered& what);

    /// Tells what was kept back. Any thread but the lane; nothing happens any more.
    void stop() { drops_.stop(); }

  private:
    const producer_context& context_;
    drop_reports drops_;
};

} // namespace weir::connector
