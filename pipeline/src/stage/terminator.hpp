#pragma once

#include <weir/base/time.hpp>

#include <cstdint>

namespace weir::pipeline {

/// The course of a drain: what to do next, from what can be seen and a time. First the sources hand over what
/// they have and the processors handle it; then the batchers flush; when everything is settled, or time is
/// up, the pipeline closes. Not thread-safe.
class terminator {
  public:
    enum class step : std::uint8_t {
        wait,    ///< until something changes, or until `give_up_at`
        flush,   ///< let every open batch leave; asked for once
        abandon, ///< time is up: settle what is left as abandoned; then close
        close,   ///< everything is settled
    };

    struct observation {
        bool sources_drained{false};
        std::uint64_t accepted{0};
        std::uint64_t passed{0}; ///< accepted messages the processors are through with
        std::uint64_t in_flight{0};
    };

    terminator(time_point now, time_point deadline);

    /// An earlier deadline counts; a later one does not.
    void hasten(time_point deadline);

    [[nodiscard]] step next(const observation& seen, time_point now);

    /// When draining ends even if not everything is settled: the sources, too, need some of the time to
    /// close.
    [[nodiscard]] time_point give_up_at() const noexcept;

    [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  private:
    time_point began_;
    time_point deadline_;
    bool flushed_{false};
};

} // namespace weir::pipeline
