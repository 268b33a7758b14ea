#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "engine/settlement_watch.hpp"
#include "stage/circuit_breaker.hpp"
#include "stage/rate_limiter.hpp"

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/gate.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/options.hpp>
#include <weir/pipeline/snapshot.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// The one gate of a pipeline's sources: rate limit, circuit breaker and the application's pause. It closes
/// at once; it opens, and tells the sources so, in the conductor's turn. Thread-safe.
class admission final : public gate, public timed, public settlement_watch {
  public:
    admission(
        const options& o, control& shared, const time_source& time,
        std::vector<std::unique_ptr<source>>& sources);

    [[nodiscard]] std::size_t admit(std::size_t wanted) noexcept override;
    void settled(std::span<const settlement> settlements) noexcept override;

    void pause();
    void resume();

    /// From now on only the rate limit counts: nothing new comes, and what is here shall get its verdict.
    void drain() noexcept;

    [[nodiscard]] bool paused() const;

    [[nodiscard]] intake_stats look() const;

    /// Nothing without a rate limit.
    [[nodiscard]] std::optional<rate_limiting_options> rate_limiting() const;

    /// An error without a rate limit or for figures that are not allowed.
    [[nodiscard]] result<void> change(const rate_limiting_change& c, bool reset);

    [[nodiscard]] std::optional<time_point> due() const override;
    void tick(time_point now) override;

  private:
    void evaluate() noexcept;
    void attend() noexcept;
    void report(time_point now);
    void report_rate(std::optional<time_point> opens_at, time_point now);
    void report_circuit(circuit_breaker::state now_in);

    control& shared_;
    const time_source& time_;
    std::vector<std::unique_ptr<source>>& sources_;

    mutable std::mutex mutex_; // guards all below; sources are called without it
    std::optional<rate_limiter> limiter_;
    rate_limiting_options wanted_; // in force now or when the running interval ends
    std::optional<circuit_breaker> breaker_;
    bool paused_{false};
    bool draining_{false};
    bool attention_{false}; // something has changed that `tick` must tell

    // Of the conductor's turn: whose turn it is, and what was told last.
    std::size_t turn_{0};
    bool told_paused_{false};
    bool told_rate_closed_{false};
    circuit_breaker::state told_circuit_{circuit_breaker::state::closed};
};

} // namespace weir::pipeline::engine
