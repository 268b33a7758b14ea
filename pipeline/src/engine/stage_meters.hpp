#pragma once

#include "engine/ledger.hpp"

#include <weir/base/counters.hpp>
#include <weir/base/histogram.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::pipeline::engine {

/// What is counted and measured of one stage, whether anybody listens or not. Thread-safe.
class stage_meters {
  public:
    explicit stage_meters(std::size_t lanes)
        : ended_(lanes) {}

    void settled(std::size_t lane, const tally& t) noexcept;

    void batch_taken_up(std::size_t messages) noexcept { batch_size_.record(messages); }

    /// Handling took that long: a batch, or a message on average.
    void handled(duration took) noexcept { handle_time_.record(count_of<std::chrono::nanoseconds>(took)); }

    /// A message was settled at that time.
    void settled_at(time_point now, time_point accepted) noexcept;

    [[nodiscard]] stage_stats look(std::string name) const;

  private:
    enum class entry : std::uint8_t { successful, failed, abandoned, count_ };

    template <class Unit>
    [[nodiscard]] static std::uint64_t count_of(duration d) noexcept {
        const auto n = std::chrono::duration_cast<Unit>(d).count();
        return n > 0 ? static_cast<std::uint64_t>(n) : 0;
    }

    counters<entry> ended_;
    histogram batch_size_;
    histogram handle_time_;
    histogram settle_delay_;
};

} // namespace weir::pipeline::engine
