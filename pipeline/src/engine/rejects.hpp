#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "engine/ledger.hpp"

#include <weir/pipeline/engine/source.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Messages that failed before a worker could have them. Their producer is in the middle of emitting them,
/// and would not expect to be told of their end in that very call: so the conductor settles them. They hold
/// their credit until then, which bounds them. Thread-safe.
class rejects final : public timed {
  public:
    rejects(
        control& shared, ledger& accounts, std::vector<std::unique_ptr<source>>& sources, std::size_t lane)
        : shared_(shared)
        , accounts_(accounts)
        , sources_(sources)
        , lane_(lane) {}

    void add(std::size_t source, const obligation& owed, std::string reason);

    /// At once, if there are any.
    [[nodiscard]] std::optional<time_point> due() const override;
    void tick(time_point now) override;

  private:
    struct reject {
        std::size_t source;
        obligation owed;
        std::string reason;
    };

    control& shared_;
    ledger& accounts_;
    std::vector<std::unique_ptr<source>>& sources_;
    std::size_t lane_; // of the accounts
    mutable std::mutex mutex_;
    std::vector<reject> waiting_; // guarded by mutex_
};

} // namespace weir::pipeline::engine
