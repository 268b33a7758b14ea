#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

/// What a child used from its start to its end.
struct child_usage {
    std::chrono::nanoseconds cpu{};
    std::uint64_t voluntary_switches{0};
    std::uint64_t involuntary_switches{0};
};

/// This program, started once more in another role. It dies with its parent.
class child_process {
  public:
    explicit child_process(const std::vector<std::string>& arguments);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    /// Ends the child when it has not ended.
    ~child_process();

    /// CPU time of all its threads so far, user and system.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;

    /// Whether it is gone by itself.
    [[nodiscard]] bool has_ended();

    /// Ends it and collects what it used.
    child_usage finish();

  private:
    bool collect(int flags);

    pid_t pid_;
    bool collected_{false};
    child_usage usage_;
};

/// CPU time of the calling process so far.
[[nodiscard]] std::chrono::nanoseconds own_cpu();

} // namespace weir::bench
