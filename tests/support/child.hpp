#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {

/// A program started by a test. It ends with the object at the latest, and with the test whatever happens.
class child {
  public:
    /// Standard output and error go to `log`. Throws when it cannot be started.
    child(const std::vector<std::string>& command, const std::string& log);
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child();

    [[nodiscard]] bool running();
    void signal(int number);

    /// The wait status as `waitpid` gives it, once it has ended; nothing when `limit` passes first.
    std::optional<int> wait(std::chrono::milliseconds limit);

  private:
    pid_t pid_{-1};
    std::optional<int> status_{};
};

} // namespace weir::testing
