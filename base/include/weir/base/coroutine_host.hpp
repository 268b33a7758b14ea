#pragma once

#include <weir/base/mailbox.hpp>
#include <weir/base/task.hpp>
#include <weir/base/time.hpp>

#include <coroutine>
#include <map>
#include <memory>
#include <optional>

namespace weir {

class coroutine_host;

namespace detail {

/// A place in one of two rings; leaves it when it goes.
class ring_link {
  public:
    ring_link() noexcept = default;
    ring_link(const ring_link&) = delete;
    ring_link& operator=(const ring_link&) = delete;

    ~ring_link() { leave(); }

    void leave() noexcept {
        before_->after_ = after_;
        after_->before_ = before_;
        before_ = after_ = this;
    }

    /// Leaves its ring and enters the one that `head` stands for, as the last.
    void enter_last(ring_link& head) noexcept {
        leave();
        before_ = head.before_;
        after_ = &head;
        before_->after_ = this;
        head.before_ = this;
    }

    /// All of another ring come to the end of this one.
    void take_all(ring_link& other) noexcept {
        while (!other.alone())
            other.after_->enter_last(*this);
    }

    [[nodiscard]] ring_link* after() const noexcept { return after_; }

    [[nodiscard]] bool alone() const noexcept { return after_ == this; }

  private:
    ring_link* before_{this};
    ring_link* after_{this};
};

} // namespace detail

/// A wait of a coroutine, part of its frame: the base of what `co_await` waits in. Used on the host's thread
/// only, so that a frame may go while it waits.
class suspension : detail::ring_link {
  public:
    suspension() noexcept = default;
    suspension(const suspension&) = delete;
    suspension& operator=(const suspension&) = delete;

    /// The wait is over: the host will resume the coroutine in its turn.
    void end_wait() noexcept;

    /// Whether it ended since the host stops, whatever it waited for.
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

  protected:
    ~suspension() = default;

    /// From `await_suspend`: the coroutine waits. Throws `std::logic_error` on a thread that runs no
    /// coroutines.
    coroutine_host& begin_wait(std::coroutine_handle<> waiter);

    /// From `await_suspend`: it does not wait after all.
    void cancel_wait() noexcept { leave(); }

  private:
    friend class coroutine_host;

    std::coroutine_handle<> waiter_;
    coroutine_host* host_{nullptr};
    bool ended_{false};
    bool cancelled_{false};
};

/// Runs coroutines on the one thread that calls it: each goes on in its turn when what it waits for has
/// happened, in the order in which that happened. Not thread-safe, but for its mailbox.
///
/// Tasks that wait must be destroyed before it, on its thread.
class coroutine_host {
  public:
    explicit coroutine_host(const time_source& time);
    coroutine_host(const coroutine_host&) = delete;
    coroutine_host& operator=(const coroutine_host&) = delete;
    ~coroutine_host();

    /// Runs a task until it first waits.
    template <class T>
    void start(task<T>& t, task_listener* listener) {
        const entered here{*this};
        t.start(listener);
    }

    /// Lets one coroutine go on, if one can; whether one could.
    bool run_one();

    /// When a sleep ends; the past when a coroutine can go on now.
    [[nodiscard]] std::optional<time_point> due() const;

    /// From now on all that coroutines wait for here ends at once, as cancelled.
    void cancel() noexcept;

    /// Where other threads tell it that a wait is over, and its own thread may sleep.
    [[nodiscard]] mailbox& mail() noexcept { return *mail_; }

    /// The same for those who may outlive it.
    [[nodiscard]] const std::shared_ptr<mailbox>& shared_mail() const noexcept { return mail_; }

    /// The one that runs coroutines on this thread just now, or null.
    [[nodiscard]] static coroutine_host* current() noexcept;

    [[nodiscard]] time_point now() const noexcept { return time_.now(); }

    using alarms = std::multimap<time_point, suspension*>;

    /// Ends a wait at that time. Until then, or until it is erased, the suspension must live.
    [[nodiscard]] alarms::iterator set_alarm(time_point when, suspension& s) {
        return alarms_.emplace(when, &s);
    }

    void erase_alarm(alarms::iterator a) noexcept { alarms_.erase(a); }

  private:
    friend class suspension;

    /// For its life, the coroutines of this thread are that host's.
    class entered {
      public:
        explicit entered(coroutine_host& host) noexcept;
        entered(const entered&) = delete;
        entered& operator=(const entered&) = delete;
        ~entered();

      private:
        coroutine_host* before_;
    };

    void collect();
    void end_sleeps();

    const time_source& time_;
    std::shared_ptr<mailbox> mail_{std::make_shared<mailbox>()};
    detail::ring_link waiting_;
    detail::ring_link ended_; // waits that have ended since the present round began
    detail::ring_link round_; // those whose turn it is, before news is collected again
    alarms alarms_;
    bool cancelled_{false};
};

/// `co_await` of it ends at a time, or earlier when the host stops.
class sleeping {
  public:
    using weir_awaitable = void;

    explicit sleeping(time_point until) noexcept
        : until_(until) {}

    class awaiter final : public suspension {
      public:
        explicit awaiter(time_point until) noexcept
            : until_(until) {}

        ~awaiter() { forget(); }

        [[nodiscard]] bool await_ready() const noexcept { return false; }

        void await_suspend(std::coroutine_handle<> waiter);

        /// Whether the time has come; false: the host stops.
        bool await_resume() noexcept {
            forget();
            return !cancelled();
        }

      private:
        void forget() noexcept;

        time_point until_;
        coroutine_host* alarmed_{nullptr}; // while there is an alarm
        coroutine_host::alarms::iterator alarm_;
    };

    [[nodiscard]] awaiter operator co_await() const noexcept { return awaiter{until_}; }

  private:
    time_point until_;
};

/// `co_await` of it lets the host's other coroutines go on first.
class yielding {
  public:
    using weir_awaitable = void;

    yielding() noexcept = default; // no aggregate, see task

    class awaiter final : public suspension {
      public:
        awaiter() noexcept = default;

        [[nodiscard]] bool await_ready() const noexcept { return false; }

        void await_suspend(std::coroutine_handle<> waiter) {
            static_cast<void>(begin_wait(waiter));
            end_wait();
        }

        /// Whether the coroutine shall go on; false: the host stops.
        bool await_resume() const noexcept { return !cancelled(); }
    };

    [[nodiscard]] awaiter operator co_await() const noexcept { return awaiter{}; }
};

} // namespace weir
