#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>

namespace weir::tool {

/// Commands without their outcome yet that may be canceled, by their lines. Thread-safe.
class pending_calls {
  public:
    static constexpr std::size_t most = 100'000;

    /// The token to hand to the operation. Throws `bad_command` when too many wait.
    [[nodiscard]] std::stop_token begin(std::uint64_t line);
    void end(std::uint64_t line);

    /// False when there is none of that line.
    [[nodiscard]] bool cancel(std::uint64_t line);

  private:
    std::mutex mutex_;
    std::map<std::uint64_t, std::stop_source> calls_;
};

} // namespace weir::tool
