#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace weir::bench {

/// This program, started once more in another role. It dies with its parent.
class child_process {
  public:
    explicit child_process(const std::vector<std::string>& arguments);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    /// Ends the child.
    ~child_process();

    /// CPU time of all its threads so far, user and system.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;

  private:
    pid_t pid_;
};

/// CPU time of the calling process so far.
[[nodiscard]] std::chrono::nanoseconds own_cpu();

} // namespace weir::bench
