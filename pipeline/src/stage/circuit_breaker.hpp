#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/options/circuit_breaker.hpp>

#include <cstddef>
#include <optional>

namespace weir::pipeline {

/// From the outcomes of messages and a time: how many more may come in. Not thread-safe.
class circuit_breaker {
  public:
    using state = circuit_state;

    explicit circuit_breaker(const circuit_breaker_options& o) noexcept
        : options_(o) {}

    /// How many of `wanted` may pass.
    [[nodiscard]] std::size_t admit(std::size_t wanted) noexcept;

    /// One message was settled. While probes are out any outcome counts, also that of a message that came in
    /// before: it tells as much of those who handle messages.
    void settled(outcome result, time_point now) noexcept;

    /// The cooldown may be over.
    void tick(time_point now) noexcept;

    /// When `tick` has something to do.
    [[nodiscard]] std::optional<time_point> due() const noexcept;

    [[nodiscard]] bool blocks() const noexcept {
        return state_ == state::open || (state_ == state::probing && probes_left_ == 0);
    }

    [[nodiscard]] state current() const noexcept { return state_; }

    [[nodiscard]] const circuit_breaker_options& options() const noexcept { return options_; }

  private:
    void probe_settled(outcome result, time_point now) noexcept;
    void open(time_point now) noexcept;

    circuit_breaker_options options_;
    state state_{state::closed};
    std::size_t in_a_row_{0}; // failures while closed, successes while probing
    std::size_t probes_left_{0};
    time_point open_until_{};
};

} // namespace weir::pipeline
