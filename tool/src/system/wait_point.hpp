#pragma once

#include <chrono>

namespace weir::tool {

/// Where a command's main thread waits: for SIGINT and SIGTERM, for word from another thread, and for input.
///
/// Signals are taken as data, never in a handler, so whatever they start may lock and allocate.
class wait_point {
  public:
    enum class wake : unsigned char { timeout, notified, input, signal, output_closed };

    /// To be called before any thread is started: threads inherit that the signals are blocked.
    static void block_signals();

    wait_point();
    wait_point(const wait_point&) = delete;
    wait_point& operator=(const wait_point&) = delete;
    ~wait_point();

    /// Returns at the first thing that happens; a signal comes first, then a closed output, then `notify`,
    /// then input on `input_fd`.
    [[nodiscard]] wake wait(std::chrono::milliseconds limit, int input_fd = -1);

    /// From now on `wait` also returns when nobody can read any more what is written to `fd`: the other end
    /// of the pipe is closed.
    void watch_output(int fd) noexcept { output_ = fd; }

    /// Wakes `wait`, now or the next time. From any thread.
    void notify() noexcept;

  private:
    int signals_;
    int event_;
    int output_{-1};
};

/// From now to `end`, never negative, rounded up: a wait of that long does not end too early.
[[nodiscard]] std::chrono::milliseconds time_left(std::chrono::steady_clock::time_point end);

} // namespace weir::tool
