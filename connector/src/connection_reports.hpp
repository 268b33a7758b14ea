#pragma once

#include "producer_context.hpp"

#include <weir/mqtt/client.hpp>

#include <cstddef>
#include <string>

namespace weir::connector {

/// Tells the bus and the log how one producer's connection fares. Lane only.
class connection_reports {
  public:
    explicit connection_reports(const producer_context& context)
        : context_(context) {}

    void up(const mqtt::connected& info, const std::string& endpoint, duration took);
    void down(const mqtt::connection_down& info, std::size_t unacknowledged);
    void attempt_failed(const mqtt::connection_down& info);
    void warned(const std::string& text);
    void session_lost(std::size_t unacknowledged);
    void happened(const mqtt::dropped& what);

  private:
    void qos0_dropped(std::size_t count, std::string_view reason);

    const producer_context& context_;
};

} // namespace weir::connector
