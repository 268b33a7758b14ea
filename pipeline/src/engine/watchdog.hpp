#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "engine/crew.hpp"
#include "engine/ledger.hpp"
#include "engine/settler.hpp"

#include <weir/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Sees to it that callbacks of one group of workers keep to their time: the messages of one that does not
/// are settled as failed, it is asked to end, and what it does with the messages later has no effect.
class watchdog final : public timed {
  public:
    struct parts {
        control& shared;
        ledger& accounts;
        const time_source& time;
        std::size_t lane;
        bool counts_passed; ///< messages pass with these workers
        std::size_t most;   ///< workers, when another one takes the place of one that hangs; 0: none does
    };

    watchdog(crew& workers, std::chrono::milliseconds limit, const parts& p)
        : workers_(workers)
        , limit_(limit)
        , parts_(p)
        , settler_(p.shared, p.accounts, p.lane)
        , looked_(p.time.now()) {}

    /// The earliest end of a callback's time; or one limit after the last look, since what began after that
    /// look ends later still: so no worker has to tell when it begins.
    [[nodiscard]] std::optional<time_point> due() const override;

    void tick(time_point now) override;

  private:
    void expire(worker& w, time_point now);

    crew& workers_;
    std::chrono::milliseconds limit_;
    parts parts_;
    settler settler_;
    time_point looked_;
    std::vector<obligation> owed_;
};

} // namespace weir::pipeline::engine
