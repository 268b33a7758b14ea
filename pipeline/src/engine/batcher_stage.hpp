#pragma once

#include "engine/ledger.hpp"
#include "stage/batch_dispatch.hpp"
#include "stage/batch_sizer.hpp"
#include "stage/batcher_core.hpp"

#include <weir/base/mailbox.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// A batch that has left its batcher.
struct finished_batch {
    std::unique_ptr<message_run> messages;
    batch_info info;
    std::string serial_key;    ///< with `serial_per_key`: what `done` is to be told
    std::uint32_t failures{0}; ///< attempts at it as a whole that failed
    time_point first_failed{}; ///< with a failure: when the first one was
};

/// Messages for one batcher out of one chunk.
struct batcher_input {
    message_run& from;
    std::span<const std::uint32_t> which; ///< their places
    std::size_t source{0};                ///< index
    std::span<const std::size_t> bytes{}; ///< one for each of `which`, or none
    std::span<const std::uint32_t> partitions{};
    bool on_credit{true}; ///< they came with credit, which the batcher may keep for a while
};

/// A batcher without a thread of its own: processors enter it once per chunk, its batch processors wait in it
/// and keep its time. Finished batches wait here for the batch processor they go to. While more than `bound`
/// messages wait, what comes in keeps the credit it came with: so the sources run out of credit before long,
/// while messages for other batchers go on until then. Thread-safe.
class batcher_stage {
  public:
    /// A batch processor's place to wait.
    class waiter {
      public:
        /// `bell`: of one that does not sleep in `take`, else null.
        explicit waiter(std::size_t index, mailbox* bell = nullptr) noexcept
            : index_(index)
            , bell_(bell) {}

      private:
        friend class batcher_stage;
        std::size_t index_;
        mailbox* bell_;
        std::condition_variable wake_;
        std::optional<finished_batch> given_;
        bool entered_{false};
        bool leaving_{false};
        bool idle_{false};    // known to the dispatch as idle, or given a batch
        bool waiting_{false}; // asleep, nobody has called it yet
        bool timed_{false};
        bool quiet_{true}; // nothing was open during its last wait
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

    /// Takes messages over, but for those that `calls` failed as the splitter: appends their places to
    /// `failed`.
    [[nodiscard]] admission add(
        const batcher_input& in, callbacks& calls, std::vector<std::uint32_t>& failed, time_point now);

    /// The next batch; waits for one. Nothing: closed, or the batch processor leaves.
    [[nodiscard]] std::optional<finished_batch> take(waiter& me);

    /// The next batch, if there is one for this batch processor now.
    [[nodiscard]] std::optional<finished_batch> try_take(waiter& me);

    /// Lets a batch processor go, once it is through with what it has in hand.
    void dismiss(waiter& who) noexcept;

    /// Whether a batch waits in that place to be taken up.
    [[nodiscard]] bool has_given(const waiter& w) const;

    /// For one that sleeps in a mailbox: has it rung for the next batch, and says when it has to look again
    /// nevertheless. False: there is no need to sleep. Either way `delist` comes next.
    [[nodiscard]] bool enlist(waiter& me, std::optional<time_point>& until);
    void delist(waiter& me);

    /// Lets go what has come due, for others to take.
    void expire();

    /// When an open batch's time comes.
    [[nodiscard]] std::optional<time_point> deadline() const;

    /// A batch was handled and settled; takes back its memory.
    void done(finished_batch batch);

    /// A batch that was not done is to be handled once more, before those that wait.
    void put_back(finished_batch batch);

    /// How long `handle_batch` took.
    void measured(std::size_t messages, duration took);

    /// Whether `measured` is to be told.
    [[nodiscard]] bool wants_times() const noexcept { return sizer_.has_value(); }

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

    [[nodiscard]] std::size_t bound() const {
        const std::scoped_lock lock{mutex_};
        return bound_;
    }

    void set_bound(std::size_t bound);

  private:
    const batch_plan& split(
        const arrivals& in, message_run& from, callbacks& calls, std::vector<std::uint32_t>& failed,
        time_point now);
    [[nodiscard]] std::optional<split_verdict> ask(
        std::uint32_t slot, message_run& from, std::uint32_t index, callbacks& calls);
    void apply(const batcher_input& in, const batch_plan& plan);
    void apply_departures(const batch_plan& plan);
    void finish(const batch_plan::departure& d);
    [[nodiscard]] std::unique_ptr<message_run> fresh_run();
    [[nodiscard]] std::optional<finished_batch> attempt(std::unique_lock<std::mutex>& lock, waiter& me);
    void distribute();
    void hand_out();
    [[nodiscard]] bool over_bound() const noexcept;
    void return_credit(std::unique_lock<std::mutex>& lock);
    void wait(std::unique_lock<std::mutex>& lock, waiter& me);
    [[nodiscard]] std::optional<time_point> begin_wait(waiter& me);
    void end_wait(waiter& me);
    void call(waiter& w);
    void keep_time();
    void leave(waiter& w) noexcept;

    batcher_options options_;
    parts parts_;

    mutable std::mutex mutex_; // guards all below
    std::size_t bound_;
    batcher_core core_;
    std::vector<waiter*> places_;                      // of batch processors that may get batches
    batch_dispatch<finished_batch, waiter*> dispatch_; // at most bound_ messages and what was open beyond
    std::optional<batch_sizer> sizer_;
    std::unique_ptr<split_states> splitter_;
    std::vector<std::unique_ptr<message_run>> open_;  // by the core's slots
    std::vector<std::unique_ptr<message_run>> spare_; // at most max_spare
    std::vector<placement> steps_;
    std::size_t timed_{0};                 // waiters with a time to wake up by themselves
    std::size_t called_{0};                // waiters on their way back
    std::size_t finished_messages_{0};     // in the dispatch
    std::vector<std::size_t> owed_credit_; // by source: of messages taken over the bound
    bool flushing_{false};
    bool abandoned_{false};
    bool closed_{false};
};

} // namespace weir::pipeline::engine
