#pragma once

#include <weir/base/time.hpp>
#include <weir/connector/options.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::connector {

/// Which failed messages come again when, and which have held back the acks behind them for too long.
///
/// Knows messages by their tokens only. Holds at most as many as the window admits, since a failed message
/// keeps its slot. Time is an argument. Not thread-safe.
class redelivery {
  public:
    /// What is to be done now.
    struct due {
        std::vector<std::uint64_t> again; ///< to be brought again
        std::vector<std::uint64_t> defer; ///< their acks are to be left out, so that others pass
    };

    redelivery(redelivery_options options, std::uint64_t seed)
        : options_(options)
        , random_(seed) {}

    /// The message failed, for the `attempt`-th time: it comes again after the delay returned, which is
    /// `delay` when that is given.
    duration failed(
        std::uint64_t token, std::uint32_t attempt, time_point now, std::optional<duration> delay = {});

    /// The message is settled for good.
    void settled(std::uint64_t token);

    void take_due(time_point now, due& out);

    /// When to call `take_due` next.
    [[nodiscard]] std::optional<time_point> deadline() const;

    /// Ends all waiting: `again` are those that would have been brought again, `defer` as ever, both for all
    /// time.
    void give_up(due& out);

    /// Failing messages whose acks are left out.
    [[nodiscard]] std::vector<std::uint64_t> left_out() const;

    /// Messages that failed and are not settled.
    [[nodiscard]] std::size_t size() const noexcept { return failing_.size(); }

    /// Those of them that wait for their next attempt.
    [[nodiscard]] std::size_t waiting() const noexcept { return again_.size(); }

  private:
    using appointment = std::pair<time_point, std::uint64_t>;

    struct failing {
        std::optional<time_point> again_at; ///< nothing: it is in the pipeline
        time_point defer_at;
        bool deferred{false};
    };

    [[nodiscard]] duration delay_after(std::uint32_t attempt);
    [[nodiscard]] failing& entry(std::uint64_t token, time_point now);
    [[nodiscard]] bool still_blocks(const appointment& a) const;
    void take_deferrable(time_point now, due& out);

    redelivery_options options_;
    std::minstd_rand random_;
    std::unordered_map<std::uint64_t, failing> failing_;
    std::set<appointment> again_;
    std::deque<appointment> defer_; ///< in order of time; entries of settled messages go when they come due
};

} // namespace weir::connector
