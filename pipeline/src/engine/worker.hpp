#pragma once

#include "engine/control.hpp"
#include "engine/stop_switch.hpp"
#include "stage/busy_meter.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::engine {

/// One that runs callbacks, and what others may know about it: a named thread, or, on virtual time, a part of
/// the thread that steps it.
class worker {
  public:
    /// `name` as in "fleet.Processor_default_3"; `thread_name` its short form.
    worker(std::string name, std::string thread_name, control& shared, stage_ops& stages)
        : name_(std::move(name))
        , thread_name_(std::move(thread_name))
        , shared_(shared)
        , stages_(stages) {}

    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    virtual ~worker() = default;

    /// Returns when the thread has its callbacks. Throws what kept it from getting them.
    void start();

    /// Waits for the thread, and so for the callback it runs.
    void join();

    /// Instead of `start`: from now on `step` may be called, from this thread.
    void enter() { callbacks_ = stages_.make_callbacks(); }

    /// Does one piece of work, if there is one.
    bool step() noexcept;

    /// Takes nothing more up. From another thread, too.
    virtual void dismiss() noexcept = 0;

    /// For one that was dismissed, after its last piece of work: gives back what it keeps between them. On
    /// its thread, or, when it is stepped, on the one that lets it go.
    virtual void leave() noexcept {}

    /// Something has happened that all share. For those that sleep in places of their own.
    virtual void wake() noexcept {}

    /// When it has something to do even if nothing else happens.
    [[nodiscard]] virtual std::optional<time_point> due() const { return std::nullopt; }

    /// For one that was dismissed: whether it is through with what it had in hand.
    [[nodiscard]] bool finished() const { return finished_.load() && !holds_work(); }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Takes the business of settling away from callbacks that have not returned; whether there were any.
    [[nodiscard]] virtual bool revoke(std::vector<obligation>& into) = 0;

    /// The same for callbacks whose time is limited and that began by then.
    [[nodiscard]] virtual bool expire(time_point began_by, std::vector<obligation>& into) = 0;

    /// Share of its last seconds that it was not waiting for work, 0..1.
    [[nodiscard]] double busy_share() const;

    /// When the callback that runs began, if its time is limited.
    [[nodiscard]] virtual std::optional<time_point> began() const = 0;

    /// Whether a callback's time was up and it has not returned since.
    [[nodiscard]] virtual bool hangs() const = 0;

    /// Asks the callback that runs to end.
    void stop_callbacks() { stop_.request(); }

    /// Asks the callback to end whose time is up.
    virtual void stop_overdue() { stop_.request(); }

    /// For its callbacks.
    [[nodiscard]] std::stop_token stop_token() const { return stop_.token(); }

    [[nodiscard]] control& shared() const noexcept { return shared_; }

    /// The worker the calling thread is, or null.
    [[nodiscard]] static worker* current() noexcept;

    /// From inside a callback of its own: settles these messages now.
    virtual void settle_now(head_list heads) = 0;

    /// From inside a callback of its own: that message has another token from now on.
    virtual void rename(const ack_ref& which, std::uint64_t token) = 0;

  protected:
    /// Waits for a piece of work and does it, until the stage closes. Exceptions must not leave it.
    virtual void run() noexcept = 0;

    /// Does a piece of work if there is one now.
    virtual bool try_work() noexcept = 0;

    /// Outside of a step: whether there is something that only this worker can do.
    [[nodiscard]] virtual bool holds_work() const { return false; }

    /// Whether it has messages in hand between two pieces of work.
    [[nodiscard]] virtual bool busy() const noexcept { return false; }

    [[nodiscard]] callbacks& calls() noexcept { return *callbacks_; }

    /// While it exists the worker waits for work.
    class rest {
      public:
        explicit rest(worker& who)
            : who_(who) {
            who_.note_rest(true);
        }

        rest(const rest&) = delete;
        rest& operator=(const rest&) = delete;

        ~rest() { who_.note_rest(false); }

      private:
        worker& who_;
    };

    /// When a callback has returned after its time: the next one is not asked to end.
    void forget_stop() {
        stop_.renew_unless([this] { return shared_.aborted.load(); });
    }

  private:
    void body(std::promise<void> entered) noexcept;
    void note_rest(bool begins);

    std::string name_;
    std::string thread_name_;
    control& shared_;
    stage_ops& stages_;
    stop_switch stop_;
    std::unique_ptr<callbacks> callbacks_;
    std::atomic<bool> finished_{true}; // on virtual time: outside of a step
    std::thread thread_;
    mutable std::mutex meter_mutex_;
    std::optional<busy_meter> meter_; // guarded by meter_mutex_; from its first rest on
};

} // namespace weir::pipeline::engine
