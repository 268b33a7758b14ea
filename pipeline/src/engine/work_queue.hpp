#pragma once

#include <weir/base/mailbox.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>

namespace weir::pipeline::engine {

/// A processor's place at the queue it works from.
struct seat {
    explicit seat(std::size_t worker, mailbox* rung = nullptr) noexcept
        : index(worker)
        , bell(rung) {}

    std::size_t index;                // of the worker in its group
    mailbox* bell;                    // where a worker sleeps that does not wait in `pop`, else null
    std::atomic<bool> leaving{false}; // takes nothing more up

    // The lane of the chunk it has had in hand, set when that is through: the next look at the queue tells.
    std::size_t finished{raw_run::no_lane};

    // The queue's, while the worker waits.
    std::condition_variable wake;
    bool signalled{false};
};

/// Where chunks wait for a processor. It never refuses a chunk: what is in it and in the processors' hands
/// holds credit, and that bounds it. Thread-safe; a seat belongs to one worker.
class work_queue {
  public:
    virtual ~work_queue() = default;

    virtual void push(std::unique_ptr<raw_run> chunk) noexcept = 0;

    /// After a series of pushes.
    virtual void pushed() noexcept = 0;

    /// Takes up a chunk; waits for one. Nothing: closed, or the worker leaves.
    [[nodiscard]] virtual std::unique_ptr<raw_run> pop(seat& me) = 0;

    /// Takes up a chunk if there is one for this worker.
    [[nodiscard]] virtual std::unique_ptr<raw_run> try_pop(seat& me) = 0;

    /// For a worker that sleeps in a mailbox: from now on it is rung when there is a chunk for it. False:
    /// there is one already. Either way `delist` comes next.
    [[nodiscard]] virtual bool enlist(seat& me) = 0;
    virtual void delist(seat& me) noexcept = 0;
    /// A chunk of that lane is through: for a worker that does not say so by `seat::finished`.
    virtual void done(std::size_t lane) noexcept = 0;

    /// Nothing of that lane, after the chunk in hand, is taken up until it is released. Without lanes does
    /// nothing, like `release`.
    virtual void hold(std::size_t lane) noexcept = 0;
    virtual void release(std::size_t lane) noexcept = 0;

    /// Takes out any chunk, whoever it is for: nobody is to handle it.
    [[nodiscard]] virtual std::unique_ptr<raw_run> take_out() = 0;

    /// Lets a worker go, once it is through with what it has in hand.
    virtual void dismiss(seat& who) noexcept = 0;

    /// For another number of workers. False: not now, since messages that are bound to workers wait here or
    /// are in their hands.
    [[nodiscard]] virtual bool resize(std::size_t workers) = 0;

    /// How long the chunks should be into which a burst of `count` messages is cut.
    [[nodiscard]] virtual std::size_t chunk_length(std::size_t count) const noexcept = 0;

    /// Ends all waiting, now and later.
    virtual void close() noexcept = 0;

    /// Whether something waits for this worker, at this moment.
    [[nodiscard]] virtual bool has_work(const seat&) const noexcept { return size() > 0; }

    /// What waits, for the eyes of an observer.
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;

    /// Messages in a chunk that is taken up, at most.
    [[nodiscard]] virtual std::size_t max_chunk() const noexcept = 0;

  protected:
    work_queue() = default;
    work_queue(const work_queue&) = default;
    work_queue& operator=(const work_queue&) = default;
};

} // namespace weir::pipeline::engine
