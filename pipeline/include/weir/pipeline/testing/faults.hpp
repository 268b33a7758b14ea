#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pipeline::testing {

/// Faults that a test lets happen in the callbacks of a `faulty_handler`. Thread-safe.
class faults {
  public:
    enum class place { handle_message, handle_batch };

    /// The next `calls` of that callback throw `std::runtime_error` with `text`; with `worker`, only those
    /// on the worker whose name ends so, such as "Processor_default_3" or just "_3".
    void throw_in(place where, std::size_t calls = 1, std::string worker = {}, std::string text = "injected");

    /// From now on that callback does not get past its beginning, on any worker. Not under a virtual
    /// pipeline: there it would block the test.
    void block(place where);

    /// Lets everybody through who is held up.
    void release(place where);

    /// Waits until so many workers are held up there, or for `limit`.
    [[nodiscard]] bool wait_blocked(
        place where, std::size_t workers, std::chrono::milliseconds limit = std::chrono::seconds{20});

    /// For a handler: suffers the faults due at this place on this worker.
    void suffer(place where);

  private:
    struct planned {
        place where;
        std::size_t calls;
        std::string worker;
        std::string text;
    };

    struct gate {
        bool closed{false};
        std::size_t waiting{0};
    };

    [[nodiscard]] gate& gate_at(place where) noexcept { return gates_[static_cast<std::size_t>(where)]; }

    std::mutex mutex_; // guards all below
    std::condition_variable changed_;
    std::vector<planned> planned_;
    gate gates_[2]{};
};

} // namespace weir::pipeline::testing
