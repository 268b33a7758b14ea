#pragma once

#include "engine/span.hpp"
#include "stage/router.hpp"

#include <weir/pipeline/engine/message_observer.hpp>

namespace weir::pipeline::engine {

/// The spans of single messages on one processor.
class message_spans final : public message_observer {
  public:
    /// `routes` has nothing to say when there are no batchers.
    message_spans(control& shared, const router* routes) noexcept
        : shared_(shared)
        , routes_(routes)
        , span_(shared) {}

    /// Itself, or null when nobody listens: asked once for a chunk.
    [[nodiscard]] message_observer* if_listened_to() noexcept;

    void before(const message_view& m) override;
    void after(const message_view& m, const failure_info* thrown) override;

    /// The callback is ended from outside, if one has begun.
    void cut_off(const message_view& m, const span_failure& why) { end_badly(m, why); }

  private:
    void end_badly(const message_view& m, const span_failure& why);

    control& shared_;
    const router* routes_;
    span span_;
};

} // namespace weir::pipeline::engine
