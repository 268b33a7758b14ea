#pragma once

#include "connection.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// Connects once and notes what the broker said.
class connect_probe final : public connection {
  public:
    enum class outcome : std::uint8_t { accepted, failed, timed_out, interrupted };

    /// What there is to say about it.
    struct report {
        std::string endpoint{};
        std::optional<mqtt::connected> connack{}; ///< accepted
        std::optional<mqtt::connection_down> end{};
        std::vector<std::string> warnings{};
        mqtt::connect_timings timings{};
    };

    explicit connect_probe(const mqtt::client_options& o)
        : connection(o) {}

    ~connect_probe() override { close(); }

    /// Waits for the answer; `limit` bounds the wait.
    outcome run(std::chrono::milliseconds limit);

    [[nodiscard]] report result();

  private:
    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_warning(const std::string& text) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;

    std::mutex mutex_;
    report report_;
};

} // namespace weir::tool
