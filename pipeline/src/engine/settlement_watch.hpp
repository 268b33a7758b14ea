#pragma once

#include <weir/pipeline/acknowledger.hpp>

#include <span>

namespace weir::pipeline::engine {

/// One who looks at how messages end. Thread-safe.
class settlement_watch {
  public:
    virtual ~settlement_watch() = default;

    /// After their acknowledger was told.
    virtual void settled(std::span<const settlement> settlements) noexcept = 0;

  protected:
    settlement_watch() = default;
    settlement_watch(const settlement_watch&) = default;
    settlement_watch& operator=(const settlement_watch&) = default;
};

} // namespace weir::pipeline::engine
