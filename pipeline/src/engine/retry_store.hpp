#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "engine/work_queue.hpp"
#include "stage/retry_schedule.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/message.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

namespace weir::pipeline::engine {

/// The messages that failed and wait for another attempt, as raw events. One takes a place before it is given
/// a verdict, and keeps it until a processor takes it up again: so the places bound both what waits here and
/// what is on its way back through the processors' queue. Thread-safe.
class retry_store final : public timed {
  public:
    retry_store(
        const retry_options& o, control& shared, work_queue& queue, const time_source& time,
        std::uint64_t seed)
        : schedule_(o)
        , bound_(o.max_attempts > 1 ? o.max_waiting : 0)
        , shared_(shared)
        , queue_(queue)
        , time_(time)
        , chance_(static_cast<std::minstd_rand::result_type>(seed + 1)) {}

    [[nodiscard]] bool enabled() const noexcept { return schedule_.enabled(); }

    enum class answer : std::uint8_t {
        granted,   ///< a place is taken
        exhausted, ///< no attempt is left
        full,      ///< no place is left
    };

    struct place {
        retry_store::answer answer{answer::exhausted};
        duration pause{}; ///< before the next attempt
    };

    /// Asks for another attempt of a message that has failed.
    [[nodiscard]] place ask(message_head& failed);

    /// The message takes its place, as a chunk of its own. False: nothing waits any more; the place is given
    /// back.
    [[nodiscard]] bool put(std::unique_ptr<raw_run> message, duration pause);

    /// Gives a place back: it was not needed, or its message was taken up.
    void leave() noexcept;

    /// Those that wait get one last attempt now; those that come later, too.
    void drain();

    /// Refuses messages from now on and gives up those that wait here; says what is owed for them.
    [[nodiscard]] std::vector<obligation> abandon();

    [[nodiscard]] std::optional<time_point> due() const override;
    void tick(time_point now) override;

    [[nodiscard]] std::size_t taken() const noexcept;

    [[nodiscard]] std::size_t bound() const noexcept { return bound_; }

  private:
    struct waiting {
        time_point due{};
        std::uint64_t number{0}; // first come, first served among those due at once
        std::unique_ptr<raw_run> message;
    };

    /// For a heap whose front is the earliest.
    struct later {
        bool operator()(const waiting& a, const waiting& b) const noexcept {
            return a.due != b.due ? a.due > b.due : a.number > b.number;
        }
    };

    void send(std::unique_ptr<raw_run> message);
    [[nodiscard]] std::unique_ptr<raw_run> pop();

    retry_schedule schedule_;
    std::size_t bound_;
    control& shared_;
    work_queue& queue_;
    const time_source& time_;

    mutable std::mutex mutex_;  // guards all below
    std::vector<waiting> heap_; // at most bound_
    std::size_t taken_{0};      // places
    std::uint64_t next_number_{0};
    std::minstd_rand chance_;
    bool draining_{false};
    bool abandoned_{false};
};

} // namespace weir::pipeline::engine
