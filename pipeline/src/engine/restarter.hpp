#pragma once

#include "engine/agenda.hpp"
#include "engine/conductor.hpp"
#include "engine/control.hpp"
#include "engine/ledger.hpp"
#include "stage/restart_budget.hpp"
#include "stage/restart_delay.hpp"

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/options.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Stops producers that failed and starts them again, each apart from the others, until the budget is used
/// up: then the pipeline ends. Errors inside of the pipeline count against the same budget. All of it happens
/// in the conductor's turn.
class restarter final : public timed {
  public:
    struct parts {
        control& shared;
        const time_source& time;
        std::vector<std::unique_ptr<source>>& sources;
        conductor& ending;
        ledger& accounts;
    };

    restarter(const options& o, const parts& p, std::uint64_t seed);

    /// Thread-safe. With `after` the producer names the delay itself, and that is no failure.
    void failed(source& which, const error& reason, std::optional<duration> after);

    /// From now on nothing is restarted. Those that have just failed are stopped.
    void drain();

    [[nodiscard]] std::optional<time_point> due() const override;
    void tick(time_point now) override;

  private:
    enum class phase : std::uint8_t { up, failed, down, waiting };

    struct place {
        explicit place(const restart_options& o)
            : delay(o) {}

        phase in{phase::up};
        error reason{};
        std::optional<duration> after{};
        time_point start_at{};
        restart_delay delay;
    };

    [[nodiscard]] phase take_turn(std::size_t index, time_point now);
    void take_down(std::size_t index, time_point now);
    void schedule(std::size_t index, time_point now);
    void start_again(std::size_t index, time_point now);
    void count_defects(time_point now);
    void remember(std::string failure);
    void give_up(const error& reason);
    void report(std::size_t index, std::optional<duration> restarts_in);

    parts parts_;
    std::chrono::milliseconds shutdown_;
    restart_budget budget_;
    std::minstd_rand random_;
    std::deque<std::string> last_failures_; // at most remembered

    mutable std::mutex mutex_; // guards all below but what belongs to the conductor's turn
    std::vector<place> places_;
    bool draining_{false};
};

} // namespace weir::pipeline::engine
