#pragma once

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/io_lane.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::testing {

/// Publishes numbers, one a message, through a client whose session outlives its connections: what was
/// handed over reaches the broker sooner or later.
class publisher {
  public:
    explicit publisher(
        std::uint16_t port, mqtt::protocol_version version = mqtt::protocol_version::v5,
        const std::string& id = "publisher");

    /// For a broker that wants to know who publishes.
    publisher(
        std::uint16_t port, mqtt::protocol_version version, const std::string& id, mqtt::credentials who);

    /// Hands over `first`, `first + 1`, ..., `count` messages in all.
    void publish(const std::string& topic, std::size_t first, std::size_t count, mqtt::qos level);

    void publish(const std::string& topic, const std::string& payload, mqtt::qos level);

    /// Waits until the broker has taken everything over; false when `limit` passes first.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit = std::chrono::seconds{60});

    /// Messages the broker has taken over.
    [[nodiscard]] std::size_t confirmed() const noexcept { return confirmed_.load(); }

    /// Messages that will never be published.
    [[nodiscard]] std::size_t refused() const noexcept { return refused_.load(); }

  private:
    class observer final : public mqtt::client_observer {};

    void done(const mqtt::publish_done& outcome);

    std::size_t handed_over_{0};
    std::atomic<std::size_t> confirmed_{0};
    std::atomic<std::size_t> refused_{0};
    mqtt::io_lane lane_{"publisher"};
    observer nobody_;
    mqtt::client client_;
};

} // namespace weir::testing
