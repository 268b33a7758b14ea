#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/entry.hpp>
#include <weir/pipeline/start_plan.hpp>

#include <cstddef>
#include <span>

namespace weir::pipeline {

/// Where a producer puts its messages. Thread-safe. Valid until the producer's `stop` has returned.
template <class Raw>
class intake {
  public:
    virtual ~intake() = default;

    /// Hands messages over; they are moved from. Never blocks. Beyond the demand announced the excess waits
    /// in a bounded buffer (`buffer_size`); what does not fit is settled as abandoned, and counted, before
    /// this call returns. The same happens to everything emitted after `drained` or after the stop deadline.
    virtual void emit(std::span<entry<Raw>> entries) = 0;

    /// The producer, told to drain, will emit nothing more.
    virtual void drained() = 0;

    /// The producer cannot go on: the pipeline drains and ends with `reason`.
    virtual void failed(const error& reason) = 0;

    /// The producer has failed, or wants to be restarted: the pipeline calls its `stop` and, after a delay,
    /// its `start` again, unless it drains. A failure, which counts against `restart_options::max_restarts`;
    /// so does an exception out of one of the producer's functions.
    virtual void stopped(const error& reason) = 0;

    /// The same without blame, with a delay that the producer names itself: the source was lost, say.
    virtual void stopped(const error& reason, duration restart_after) = 0;

    /// The producer has nothing more to bring, ever; what it emits from now on is abandoned. It is not asked
    /// to drain any more. When all producers have finished, the pipeline drains and ends, without a deadline.
    virtual void finished() = 0;

  protected:
    intake() = default;
    intake(const intake&) = default;
    intake& operator=(const intake&) = default;
};

/// A source of messages, and the acknowledger of what it emitted. The pipeline calls `arrange`, `prepare`
/// and `start` once, then `demand`, `pause` and `resume` from any thread, `drain` once, and `stop` once after
/// the last settlement (or at the deadline). No call may block but `stop`, and that no longer than its
/// deadline.
///
/// A producer that reports `intake::stopped`, or throws, gets `stop` and later `start` again. Messages of
/// before are settled all the same, also while it is stopped: `settle` must bear that.
template <class Raw>
class producer : public acknowledger {
  public:
    /// Before anything starts, one producer after another. What it throws keeps the pipeline from starting.
    virtual void arrange(start_plan&) {}

    /// Once, before the first `start`.
    virtual void prepare(const start_context&) {}

    virtual void start(intake<Raw>& into) = 0;

    /// Room for `count` more messages, in addition to what was announced before and not yet served.
    virtual void demand(std::size_t count) = 0;

    /// Bring nothing until `resume`: the buffer is full, or intake is paused. What was read already may still
    /// be emitted, for which the buffer keeps a reserve; demand that was announced stands. Called from any
    /// thread, also from inside `emit`. A producer that only ever emits on demand need not care.
    virtual void pause() {}

    virtual void resume() {}

    /// Stop taking in from the source; emit what must still be delivered, then call `intake::drained`.
    /// The way for acknowledgements stays open.
    virtual void drain() = 0;

    /// Write what is left to write and let go of the source, by `deadline`.
    virtual void stop(time_point deadline) = 0;

    /// After each `stop`: why it was stopped. No error: the pipeline ended in an orderly way.
    virtual void ended(const error&) {}

    /// Whether messages that wait in the buffer when the producer fails are still worth handling.
    [[nodiscard]] virtual bool keeps_buffer() const noexcept { return true; }

    /// How many unsettled messages with `entry::windowed` the source lets out at once; 0 when it has no such
    /// window. May change from call to call; asked once per chunk, from any thread. The pipeline uses it to
    /// see that a window is used up by messages waiting in open batches (trigger *starved*).
    [[nodiscard]] virtual std::size_t window() const noexcept { return 0; }
};

} // namespace weir::pipeline
