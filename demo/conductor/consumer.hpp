#pragma once

#include "conductor/child_process.hpp"
#include "conductor/progress.hpp"
#include "conductor/workspace.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::demo {

/// `weir run` under the conductor's care: one process after another when it is killed on the way.
class consumer {
  public:
    consumer(std::string program, std::string config, const workspace& where);

    void start();

    /// SIGKILL: no warning, nothing written, nothing acknowledged on the way out.
    void kill();

    /// Takes in the progress lines that have arrived.
    void poll();

    [[nodiscard]] bool is_running() { return process_ && process_->is_running(); }

    /// Asks it to drain and stop.
    void request_stop();

    /// True when it ended with success within `limit`.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit);

    /// Sums over all its processes. Of a killed one, what it said last.
    [[nodiscard]] progress totals() const;

    [[nodiscard]] std::uint64_t kills() const noexcept { return kills_; }

    /// How it ended, for a person.
    [[nodiscard]] std::string last_words() const;

  private:
    std::string program_;
    std::string config_;
    std::string log_;
    std::string report_;
    std::optional<child_process> process_;
    progress ended_;
    progress current_;
    std::uint64_t kills_{0};
};

} // namespace weir::demo
