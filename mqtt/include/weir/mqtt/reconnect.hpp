#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::mqtt {

/// How long to wait and when to give up; the fields are those of `client_options`.
struct reconnect_options {
    std::optional<std::uint32_t> limit{}; ///< retries after consecutive failures; nothing = for ever
    std::chrono::milliseconds backoff_min{1'000};
    std::chrono::milliseconds backoff_max{60'000};
    std::chrono::milliseconds stable_after{10'000};
    bool retry_fatal{false};
    std::optional<std::chrono::milliseconds>
        fixed{}; ///< `reconnect_timeout`: every pause, in place of the two
};

/// The pause before retry number `attempt` (from 1): evenly spread over [d/2, d] with
/// d = min(backoff_max, backoff_min * 2^(attempt-1)). The same arguments give the same pause; clients spread
/// by drawing different seeds.
[[nodiscard]] std::chrono::milliseconds backoff_delay(
    const reconnect_options& options, std::uint32_t attempt, std::uint64_t seed) noexcept;

/// Counts failures in a row and says what comes next. Not thread-safe.
class reconnect_policy {
  public:
    struct verdict {
        bool retry{false};
        std::chrono::milliseconds delay{0}; ///< when `retry`
        std::uint32_t failures{0};          ///< in a row, this one included
        bool gave_up{false};                ///< the limit was reached
    };

    reconnect_policy(reconnect_options options, std::uint64_t seed) noexcept
        : options_(options)
        , seed_(seed) {}

    /// A connection, or an attempt at one, has ended after being up for `uptime` (zero for an attempt).
    /// A connection that held for `stable_after` starts the count anew.
    /// `slowly` waits for `backoff_max` from the first failure on: a quick retry would not help.
    [[nodiscard]] verdict failed(duration uptime, bool fatal, bool slowly = false) noexcept;

    /// Failures in a row.
    [[nodiscard]] std::uint32_t failures() const noexcept { return failures_; }

    /// Forgets all failures: the owner starts by hand.
    void reset() noexcept { failures_ = 0; }

  private:
    [[nodiscard]] std::chrono::milliseconds pause(bool slowly) const noexcept;

    reconnect_options options_;
    std::uint64_t seed_;
    std::uint32_t failures_{0};
};

} // namespace weir::mqtt
