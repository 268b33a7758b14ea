#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::pipeline {

enum class circuit_state : std::uint8_t {
    closed,  ///< everything may pass
    open,    ///< nothing may, until the cooldown is over
    probing, ///< a few may
};

/// Pauses intake when message after message fails. Off unless `failures` is given.
///
/// After `failures` messages in a row were settled as failed the circuit opens: nothing more is taken in for
/// `cooldown`. Then `probes` messages may pass. When as many in a row were settled as successful the circuit
/// closes; when one was not, it opens again.
struct circuit_breaker_options {
    std::size_t failures{0};                    ///< in a row, counted as they are settled; 0 = off
    std::chrono::milliseconds cooldown{30'000}; ///< >= 1 ms
    std::size_t probes{1};                      ///< >= 1

    [[nodiscard]] bool is_on() const noexcept { return failures > 0; }
};

} // namespace weir::pipeline
