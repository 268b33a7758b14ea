#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/entry.hpp>

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

  protected:
    intake() = default;
    intake(const intake&) = default;
    intake& operator=(const intake&) = default;
};

/// A source of messages, and the acknowledger of what it emitted. The pipeline calls `start` once, then
/// `demand` from any thread, `drain` once, and `stop` once after the last settlement (or at the deadline).
/// No call may block but `stop`, and that no longer than its deadline.
template <class Raw>
class producer : public acknowledger {
  public:
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

    /// How many unsettled messages with `entry::windowed` the source lets out at once; 0 when it has no such
    /// window. May change from call to call; asked once per chunk, from any thread. The pipeline uses it to
    /// see that a window is used up by messages waiting in open batches (trigger *starved*).
    [[nodiscard]] virtual std::size_t window() const noexcept { return 0; }
};

} // namespace weir::pipeline
