#pragma once

#include "engine/worker.hpp"

#include <weir/base/coroutine_host.hpp>
#include <weir/base/task.hpp>
#include <weir/base/time.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

namespace weir::pipeline::engine {

class coro_worker;

/// A place for one coroutine of a worker.
class coro_slot : public task_listener {
  public:
    explicit coro_slot(coro_worker& owner) noexcept
        : owner_(owner) {}

    coro_slot(const coro_slot&) = delete;
    coro_slot& operator=(const coro_slot&) = delete;

    void task_ended() noexcept override;

    /// Whether its callback has begun and not returned; for others.
    [[nodiscard]] bool begun() const noexcept { return begun_.load(); }

  protected:
    /// Destroys the callback, if it has not ended.
    void forget() noexcept { run_ = {}; }

  private:
    friend class coro_worker;
    coro_worker& owner_;
    task<void> run_;
    std::atomic<bool> begun_{false};
    coro_slot* next_ended_{nullptr};
};

/// A worker whose callbacks are coroutines: it has several under way and resumes each on its own thread, in
/// turns with taking up new work. Past the stop deadline all they wait for ends as cancelled; one that waits
/// again and again nevertheless is destroyed where it waits, on the worker's thread. So is one whose time is
/// up.
class coro_worker : public worker {
  public:
    [[nodiscard]] std::optional<time_point> due() const override;

    void wake() noexcept override { mail().ring(); }

    /// Its coroutines share the stop token, and the others still have time.
    void stop_overdue() override {
        overdue_.store(true);
        wake();
    }

  protected:
    coro_worker(
        std::string name, std::string thread_name, control& shared, stage_ops& stages,
        const time_source& time, std::size_t in_flight);

    /// Takes up something new if there is something and room for it; whether it did.
    virtual bool take() noexcept = 0;

    /// The callback of that slot has returned: settles what it worked on and frees the slot.
    /// `broken`: something other than the user's code went wrong, so there is no verdict.
    virtual void finish(coro_slot& ended, bool broken) noexcept = 0;

    /// Destroys, by `drop`, what has not ended in its time.
    virtual void drop_overdue() noexcept = 0;

    /// The same with all that has not ended.
    virtual void drop_all() noexcept = 0;

    /// Before a sleep: has itself woken for new work. False: there is some already. `until` may be set to
    /// when it has to look again.
    [[nodiscard]] virtual bool enlist(std::optional<time_point>& until) = 0;
    virtual void delist() noexcept = 0;

    /// Runs a slot's callback until it first waits. Throws nothing but `std::bad_alloc`, then of `make`.
    template <class Make>
    void begin(coro_slot& s, Make make) {
        s.run_ = make();
        s.begun_.store(true);
        ++under_way_;
        host_.start(s.run_, &s);
    }

    /// After `begin`: finishes those that have ended.
    void finish_ended() noexcept;

    /// Destroys a callback that waits. False: it has none.
    bool drop(coro_slot& s) noexcept;

    [[nodiscard]] bool room() const noexcept { return under_way_ < in_flight_; }

    /// Whether it was told to take nothing more up.
    [[nodiscard]] virtual bool dismissed() const noexcept = 0;

    [[nodiscard]] bool busy() const noexcept override { return under_way_ > 0; }

    [[nodiscard]] mailbox& mail() noexcept { return host_.mail(); }

  private:
    friend class coro_slot;

    void run() noexcept override;
    bool try_work() noexcept override;
    bool resume() noexcept;
    void sleep();
    void cancel() noexcept;
    bool wind_up() noexcept;

    coroutine_host host_; // before the slots, which are the derived classes'
    std::size_t in_flight_;
    std::size_t under_way_{0};
    coro_slot* first_ended_{nullptr};
    bool resume_first_{true};
    std::optional<std::size_t> last_waits_; // past the stop deadline: how many waits may still end
    bool wound_up_{false};
    std::atomic<bool> overdue_{false};
};

} // namespace weir::pipeline::engine
