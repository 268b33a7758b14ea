#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace weir::demo {

/// How a process ended, in words for a person: "exit status 1", "signal 9".
[[nodiscard]] std::string describe_wait_status(int status);

/// A program started by this one. It reads nothing, its stderr goes to a file, its stdout is read here line
/// by line. It sits in a process group of its own, so that Ctrl-C reaches only the conductor, and the kernel
/// ends it when the conductor dies; the destructor ends it at once. Not thread-safe.
class child_process {
  public:
    /// Throws `std::system_error` when the process cannot be made. A program that cannot be executed ends
    /// with status 127.
    child_process(const std::vector<std::string>& command, const std::string& stderr_path);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    [[nodiscard]] bool is_running();
    void signal(int number);

    /// Waits for the end, for at most `limit`; false when it still runs.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit);

    /// As `waitpid` gives it; nothing while it runs.
    [[nodiscard]] std::optional<int> wait_status() const noexcept { return status_; }

    [[nodiscard]] bool ended_well() const noexcept { return status_ == 0; }

    /// The complete lines that arrived on its stdout since the last call; never blocks.
    [[nodiscard]] std::vector<std::string> read_lines();

  private:
    pid_t pid_{-1};
    int output_{-1};
    std::string partial_line_;
    std::optional<int> status_;
};

} // namespace weir::demo
