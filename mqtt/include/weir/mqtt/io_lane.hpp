#pragma once

#include <functional>
#include <memory>
#include <string>

namespace weir::mqtt {

/// One thread that runs the sockets and timers of any number of clients. Handlers of those clients run on it
/// and must not block. Thread-safe. Destruction stops the thread and joins it; clients on it must be gone.
class io_lane {
  public:
    /// `name` becomes the thread's name (15 characters are kept).
    explicit io_lane(std::string name = "weir-io");
    io_lane(const io_lane&) = delete;
    io_lane& operator=(const io_lane&) = delete;
    ~io_lane();

    /// Runs `task` on the lane, soon.
    void post(std::function<void()> task);

    /// Whether the caller is the lane's own thread.
    [[nodiscard]] bool is_current() const noexcept;

    /// What the clients are built on; defined in the library, of no use to others.
    struct engine;

    [[nodiscard]] engine& native() noexcept { return *engine_; }

  private:
    std::unique_ptr<engine> engine_;
};

} // namespace weir::mqtt
