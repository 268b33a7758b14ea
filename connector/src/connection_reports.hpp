#pragma once

#include "drop_reports.hpp"
#include "producer_context.hpp"

#include <weir/mqtt/client.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::connector {

/// Tells the bus and the log how one producer's connection fares. Lane only.
class connection_reports {
  public:
    connection_reports(const producer_context& context, mqtt::io_lane& lane, filter_tally& qos0_drops)
        : context_(context)
        , version_(context.options.config.proto_ver)
        , drops_(context, lane, qos0_drops) {}

    void up(const mqtt::connected& info, const std::string& endpoint, duration took);
    void down(const mqtt::connection_down& info, std::size_t unacknowledged);
    void attempt_failed(const mqtt::connection_down& info);
    void warned(const std::string& text);
    void session_lost(std::size_t unacknowledged);
    void happened(const mqtt::dropped& what);
    void session_limited(const mqtt::session_expiry_lowered& what);
    void discarded(const mqtt::discarded& what);
    void fell_back(const mqtt::version_fallback& what);
    void store_trouble(const mqtt::store_trouble& what);

    /// Messages above the maximum packet size. Any thread.
    [[nodiscard]] std::uint64_t oversized() const noexcept {
        return oversized_.load(std::memory_order_relaxed);
    }

    /// Tells what was kept back. Any thread but the lane; nothing happens any more.
    void stop() { drops_.stop(); }

  private:
    void window_exceeded();

    const producer_context& context_;
    mqtt::protocol_version version_; ///< in force
    std::atomic<std::uint64_t> oversized_{0};
    drop_reports drops_;
};

} // namespace weir::connector
