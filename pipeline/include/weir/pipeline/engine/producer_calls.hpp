#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace weir::pipeline::engine {

/// Counts the calls into a producer that other threads may make at any time, so that they can be kept out.
/// Begins shut. Thread-safe.
class producer_calls {
  public:
    /// Whether the call may be made; then `leave` must follow.
    [[nodiscard]] bool enter() noexcept {
        if ((state_.fetch_add(1) & shut_bit) == 0) return true;
        leave();
        return false;
    }

    void leave() noexcept { state_.fetch_sub(1); }

    void open() noexcept { state_.fetch_and(~shut_bit); }

    void shut() noexcept { state_.fetch_or(shut_bit); }

    /// After `shut`: returns when no call is under way. They do not block, so that is soon. Not from inside
    /// such a call.
    void await_none() const noexcept {
        while ((state_.load() & ~shut_bit) != 0)
            std::this_thread::yield();
    }

  private:
    static constexpr std::uint32_t shut_bit = std::uint32_t{1} << 31;

    std::atomic<std::uint32_t> state_{shut_bit};
};

} // namespace weir::pipeline::engine
