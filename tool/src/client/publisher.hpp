#pragma once

#include "connection.hpp"
#include "payload_source.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace weir::tool {

/// What every message of a `pub` has in common.
struct publication {
    std::string topic{};
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool retain{false};
    mqtt::properties props{};
};

/// Publishes one payload after another and waits for the outcome of each.
class publisher final : public connection {
  public:
    enum class outcome : std::uint8_t { done, failed, timed_out, interrupted };

    publisher(const mqtt::client_options& o, publication what);

    ~publisher() override { close(); }

    /// Waits for the connection; `limit` bounds the wait.
    outcome connect(std::chrono::milliseconds limit);

    /// Publishes everything that `from` gives, `delay` apart. `limit` bounds every wait for an outcome.
    outcome publish_all(
        payload_source& from, std::chrono::milliseconds delay, std::chrono::milliseconds limit);

    [[nodiscard]] std::uint64_t confirmed() const noexcept { return confirmed_.load(); }

  private:
    void publish_one(const std::string& payload);
    void settled(const mqtt::publish_done& d);
    outcome wait_until_outstanding(std::uint64_t most, std::chrono::milliseconds limit);
    outcome pause(std::chrono::milliseconds delay);
    outcome wait_for_input(payload_source& from);

    publication what_;
    std::uint64_t most_outstanding_;
    std::uint64_t published_{0};
    std::atomic<std::uint64_t> confirmed_{0};
};

} // namespace weir::tool
