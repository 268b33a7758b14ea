#pragma once

#include "engine/ledger.hpp"
#include "stage/batcher_core.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace weir::pipeline::engine {

/// A batch that has left its batcher.
struct finished_batch {
    std::unique_ptr<message_run> messages;
    batch_info info;
};

/// A batcher without a thread of its own: processors enter it once per chunk, its batch processors wait in it
/// and keep its time. Finished batches wait here in the order of their completion. While more than `bound`
/// messages wait, what comes in keeps the credit it came with: so the sources run out of credit before long,
/// while messages for other batchers go on until then. Thread-safe.
class batcher_stage {
  public:
    /// A batch processor's place to wait.
    class waiter {
        friend class batcher_stage;
        std::condition_variable wake;
        bool signalled{false};
        bool timed{false};
        bool quiet{true}; // nothing was open during its last wait
        bool leaving{false};
    };

    struct parts {
        stage_ops& stages;
        ledger& accounts;
        std::vector<std::unique_ptr<source>>& sources;
        const time_source& time;
    };

    enum class admission : std::uint8_t {
        taken,
        taken_on_credit, ///< over the bound: the batcher gives their credit back to the source later
        refused,         ///< abandoned: it took none
    };

    batcher_stage(const batcher_options& options, std::size_t bound, const parts& p);

    /// Takes messages of one source over; `which` are their places in `from`. Those `on_credit` came with
    /// credit, which the batcher may keep for a while.
    [[nodiscard]] admission add(
        message_run& from, std::span<const std::uint32_t> which, std::size_t source, bool on_credit,
        time_point now);

    /// The next batch; waits for one. Nothing: closed, or the batch processor leaves.
    [[nodiscard]] std::optional<finished_batch> take(waiter& me);

    /// The next batch, if there is one now.
    [[nodiscard]] std::optional<finished_batch> try_take(waiter& me);

    /// Lets a batch processor go, once it is through with what it has in hand.
    void dismiss(waiter& who) noexcept;

    /// When an open batch's time comes.
    [[nodiscard]] std::optional<time_point> deadline() const;

    /// Takes back a batch's memory.
    void recycle(std::unique_ptr<message_run> run);

    /// Every open batch leaves, and so does at once what comes from now on.
    void flush();

    /// When the oldest open batch that holds places of that source's window was opened.
    [[nodiscard]] std::optional<time_point> oldest_holding(std::size_t source) const;

    /// That batch leaves.
    void starve(std::size_t source);

    /// Refuses messages from now on and gives up those that wait here; says what is owed for them.
    [[nodiscard]] std::vector<obligation> abandon();

    void close();

    struct levels {
        std::size_t open_batches{0};
        std::size_t open_messages{0};
        std::size_t waiting_messages{0};
    };

    [[nodiscard]] levels look() const;

    [[nodiscard]] const batcher_options& options() const noexcept { return options_; }

    [[nodiscard]] std::size_t bound() const noexcept { return bound_; }

  private:
    void apply_joins(message_run& from, const batch_plan& plan);
    void apply_departures(const batch_plan& plan);
    void finish(const batch_plan::departure& d);
    [[nodiscard]] std::unique_ptr<message_run> fresh_run();
    [[nodiscard]] finished_batch pop_finished();

    [[nodiscard]] bool over_bound() const noexcept { return finished_messages_ > bound_; }

    void return_credit(std::unique_lock<std::mutex>& lock);
    void wait(std::unique_lock<std::mutex>& lock, waiter& me, time_point now);
    void wake_waiters();
    void signal(std::deque<waiter*>::iterator place);

    batcher_options options_;
    std::size_t bound_;
    parts parts_;

    mutable std::mutex mutex_; // guards all below
    batcher_core core_;
    std::vector<std::unique_ptr<message_run>> open_;  // by the core's slots
    std::deque<finished_batch> finished_;             // at most bound_ messages and what was open beyond
    std::vector<std::unique_ptr<message_run>> spare_; // at most max_spare
    std::vector<placement> steps_;
    std::deque<waiter*> waiting_;      // in turns: the front has waited longest
    std::size_t timed_waiters_{0};     // of these, with a time to wake up by themselves
    std::size_t signalled_waiters_{0}; // on their way back, no longer among them
    std::size_t finished_messages_{0};
    std::vector<std::size_t> owed_credit_; // by source: of messages taken over the bound
    bool flushing_{false};
    bool abandoned_{false};
    bool closed_{false};
};

} // namespace weir::pipeline::engine
