#pragma once

#include <weir/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::mqtt {

/// When to send PINGREQ and when to call the connection dead [MQTT 5.0, 3.1.2.10]. Made anew for every
/// connection: nothing of an old one, least of all an unanswered ping, reaches the next.
class keep_alive {
  public:
    enum class action : std::uint8_t { none, ping, dead };

    /// `interval` 0 = off. `timeout` runs from a ping to any byte received; nothing = the smaller of the
    /// interval and 10 s. `last_sent`: when CONNECT went out.
    void start(
        std::chrono::seconds interval, std::optional<std::chrono::milliseconds> timeout, bool force,
        time_point last_sent) noexcept;
    void stop() noexcept;

    /// A packet was sent: the largest gap allowed runs from here [MQTT-3.1.2-20].
    void sent(time_point now) noexcept { last_sent_ = now; }

    /// Any byte came: the peer lives.
    void received() noexcept { unanswered_since_.reset(); }

    /// While we choose not to read, an answer may lie unread: silence proves nothing, and the wait for it
    /// starts anew when reading resumes.
    void reading(bool on, time_point now) noexcept;

    /// To be called at `deadline()`. After `ping` the caller sends PINGREQ.
    [[nodiscard]] action tick(time_point now) noexcept;

    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

  private:
    [[nodiscard]] time_point ping_due() const noexcept {
        return (force_ ? last_ping_ : last_sent_) + interval_;
    }

    [[nodiscard]] std::optional<time_point> death_due() const noexcept;

    duration interval_{};
    duration timeout_{};
    bool running_{false};
    bool force_{false};
    bool reading_{true};
    time_point last_sent_{};
    time_point last_ping_{};
    std::optional<time_point> unanswered_since_{};
};

} // namespace weir::mqtt
