#pragma once

#include "producer_context.hpp"
#include "unfinished.hpp"
#include "window_watch.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/lane_timer.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace weir::connector {

/// Looks at the window of one producer from time to time: tells when it stalls, and by which message, and
/// resumes the session when that brings back what was passed over. Lane only but for what says otherwise.
class window_keeper {
  public:
    window_keeper(
        const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, std::size_t size);

    /// Begins to look; nothing to do without a window. Any thread.
    void start();

    /// Nothing is looked at any more. Any thread but from inside.
    void stop() { timer_.cancel(); }

    void entered(const inbound_record& record) {
        if (size_ != 0) unfinished_.add(record);
    }

    /// It turns out that the broker keeps none: a connection that is left for the session's sake loses it.
    void session_ends_with_connection() noexcept { rule_.session_ends_with_connection(); }

    /// The pipeline drains: the session is not resumed for its own sake any more.
    void drain() noexcept { draining_ = true; }

    /// Whether the connection that has just ended was ended here.
    [[nodiscard]] bool took_leave() noexcept { return std::exchange(leaving_, false); }

    /// Of the oldest message that has not ended, as of the last look. Any thread.
    [[nodiscard]] duration oldest_age() const noexcept {
        return duration{oldest_age_.load(std::memory_order_relaxed)};
    }

  private:
    void look();
    void tell_stalled(const window_state& w, const mqtt::session_stats& s, time_point now);
    void resume(const window_state& w);

    const producer_context& context_;
    mqtt::client& client_;
    const std::size_t size_;
    const bool from_store_;
    const duration pause_; ///< between two looks
    unfinished unfinished_;
    window_watch watch_;
    resume_rule rule_;
    bool draining_{false};
    bool leaving_{false};
    std::atomic<duration::rep> oldest_age_{0};
    mqtt::lane_timer timer_; ///< last: it must be gone before what it works on
};

} // namespace weir::connector
