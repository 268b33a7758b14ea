#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"

#include <weir/pipeline/running_pipeline.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace weir::pipeline::engine {

/// While a pipeline drains, says once a second what is left where. The conductor's thread only.
class drain_progress final : public timed {
  public:
    /// `look` is asked only when somebody listens.
    drain_progress(control& shared, std::function<pipeline::snapshot()> look)
        : shared_(shared)
        , look_(std::move(look)) {}

    void begin(time_point now) { next_ = now + interval; }

    [[nodiscard]] std::optional<time_point> due() const override { return next_; }

    void tick(time_point now) override;

  private:
    static constexpr std::chrono::seconds interval{1};

    control& shared_;
    std::function<pipeline::snapshot()> look_;
    std::optional<time_point> next_;
};

} // namespace weir::pipeline::engine
