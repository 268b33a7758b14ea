#pragma once

#include <weir/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::connector {

/// How one producer's window stands.
struct window_state {
    std::size_t size{0};             ///< messages it admits
    std::size_t taken{0};            ///< slots that are not free, as the broker sees it
    std::uint64_t acks{0};           ///< sent so far: each frees a slot
    std::uint64_t arrivals{0};       ///< messages so far
    std::size_t passed_over{0};      ///< whose acks were left out on this connection
    std::size_t passed_over_done{0}; ///< of those: could be acknowledged if they came again
};

/// Notices that a full window does not move. Time is an argument. Not thread-safe.
class window_watch {
  public:
    enum class news : std::uint8_t { none, stalled, resumed };

    explicit window_watch(duration stall_after)
        : stall_after_(stall_after) {}

    [[nodiscard]] news look(const window_state& w, time_point now);

    /// Since when it has not moved; meaningful while it stalls.
    [[nodiscard]] time_point since() const noexcept { return since_; }

  private:
    const duration stall_after_;
    bool full_{false};
    std::uint64_t acks_{0};
    time_point since_{};
    duration next_{}; ///< after `since_`, the next time to say so
    bool told_{false};
};

/// Decides when the session is worth resuming: only then does the broker send again what was passed over, and
/// it can be acknowledged. Time is an argument. Not thread-safe.
class resume_rule {
  public:
    /// `resumable`: the broker keeps the session while there is no connection.
    resume_rule(duration quiet, bool resumable)
        : quiet_(quiet)
        , resumable_(resumable) {}

    /// It turns out that the broker does not.
    void session_ends_with_connection() noexcept { resumable_ = false; }

    [[nodiscard]] bool due(const window_state& w, time_point now);

  private:
    const duration quiet_;
    bool resumable_;
    std::uint64_t arrivals_{0};
    time_point last_arrival_{};
};

} // namespace weir::connector
