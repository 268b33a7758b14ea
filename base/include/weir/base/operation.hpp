#pragma once

#include <weir/base/coroutine_host.hpp>
#include <weir/base/result.hpp>

#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

namespace detail {

/// What an operation and its end share, but for the outcome.
class operation_base : public letter, public std::enable_shared_from_this<operation_base> {
  public:
    // One of these, once; false: it has its outcome already, and nothing will be called.
    [[nodiscard]] bool attach(suspension& waiter, std::shared_ptr<mailbox> at);
    [[nodiscard]] bool attach(std::coroutine_handle<> waiter);
    [[nodiscard]] bool attach(std::function<void()> waiter);

    /// Whether the outcome is there; waits for it until `deadline`, or for ever. When it is not there by then
    /// it never will be.
    [[nodiscard]] bool wait(std::optional<time_point> deadline);

    [[nodiscard]] bool completed() const;

    /// Nobody wants the outcome any more.
    void abandon() noexcept;

    void deliver() noexcept override {
        if (hosted_ != nullptr) hosted_->end_wait();
    }

  protected:
    /// Whether it is the first, and somebody may want it; then `store` is called, under the lock.
    template <class Store>
    [[nodiscard]] bool complete_once(Store store) {
        continuation next;
        {
            const std::scoped_lock lock{mutex_};
            if (completed_ || abandoned_) return false;
            store();
            completed_ = true;
            next = std::exchange(next_, {});
            ended_.notify_all();
        }
        proceed(std::move(next));
        return true;
    }

    /// It was abandoned before it had its outcome. On any thread.
    virtual void given_up() noexcept {}

  private:
    using continuation = std::variant<
        std::monostate, std::shared_ptr<mailbox>, std::coroutine_handle<>, std::function<void()>>;

    [[nodiscard]] bool attach(continuation next);
    void proceed(continuation next);

    mutable std::mutex mutex_; // guards all below but the suspension
    std::condition_variable ended_;
    bool completed_{false};
    bool abandoned_{false};
    continuation next_;
    suspension* hosted_{nullptr}; // of its coroutine's thread
};

[[nodiscard]] error wait_cancelled_error();
[[nodiscard]] error wait_timed_out_error();
[[nodiscard]] error wait_refused_error();

/// Whether `must_not_wait` is in force on this thread.
[[nodiscard]] bool waiting_is_refused() noexcept;

} // namespace detail

/// The end of an operation that its maker has: gives the outcome, once. Thread-safe.
template <class T>
class operation_state : public detail::operation_base {
  public:
    /// Whether it counted; else `r` is as before: there was an outcome, or nobody wants it.
    bool complete(result<T>&& r) {
        return complete_once([&] { outcome_.emplace(std::move(r)); });
    }

    /// Once, after it was completed or given up.
    [[nodiscard]] result<T> take() {
        if (!completed()) return detail::wait_cancelled_error();
        return std::move(*outcome_);
    }

  private:
    std::optional<result<T>> outcome_; // written before it is completed, read after
};

/// For its life, this thread does not wait for operations, because they need it: `operation::get` answers
/// with `std::errc::resource_deadlock_would_occur` instead.
class must_not_wait {
  public:
    must_not_wait() noexcept;
    must_not_wait(const must_not_wait&) = delete;
    must_not_wait& operator=(const must_not_wait&) = delete;
    ~must_not_wait();

  private:
    bool before_;
};

/// An operation that has begun. Whoever wants its outcome does one of three things, once:
///
///     weir::result<T> r = co_await op;             // in a coroutine
///     weir::result<T> r = op.get(5s);              // on a thread that may block
///     op.then([](weir::result<T> r) { ... });      // with a callback
///
/// Who does none of them lets it run by itself: dropping an operation does not end it, but its outcome goes
/// nowhere. A `weir::task` that awaits it goes on on its own thread. A coroutine of any other type, and a
/// callback, go on on the thread that completes the operation, which they must not block.
///
/// Move-only. Not thread-safe.
template <class T>
class operation {
  public:
    using value_type = T;
    using weir_awaitable = void;

    /// Has its outcome.
    explicit operation(result<T> outcome)
        : outcome_(std::move(outcome)) {}

    explicit operation(std::shared_ptr<operation_state<T>> state) noexcept
        : state_(std::move(state)) {}

    operation(operation&& other) noexcept
        : outcome_(std::exchange(other.outcome_, std::nullopt))
        , state_(std::move(other.state_)) {}

    operation& operator=(operation&& other) noexcept {
        if (this == &other) return *this;
        drop();
        outcome_ = std::exchange(other.outcome_, std::nullopt);
        state_ = std::move(other.state_);
        return *this;
    }

    ~operation() { drop(); }

    /// Whether the outcome is there.
    [[nodiscard]] bool done() const { return outcome_ || (state_ && state_->completed()); }

    /// Blocks until the outcome is there.
    [[nodiscard]] result<T> get() { return wait(std::nullopt); }

    /// At most for `limit`, then `std::errc::timed_out`: the outcome goes nowhere.
    [[nodiscard]] result<T> get(duration limit) { return wait(clock::now() + limit); }

    /// Calls `use` with the outcome: when it comes, or at once when it is there.
    template <class Use>
    void then(Use use) {
        if (outcome_) return use(take());
        const auto state = release();
        // Whoever completes it keeps it alive meanwhile.
        const auto later = [s = state.get(), call = std::make_shared<Use>(std::move(use))] {
            (*call)(s->take());
        };
        if (!state->attach(std::function<void()>{later})) later();
    }

    class awaiter final : public suspension {
      public:
        explicit awaiter(operation&& o) noexcept
            : operation_(std::move(o)) {}

        [[nodiscard]] bool await_ready() const { return operation_.done(); }

        template <class Promise>
        [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> waiter) {
            const auto state = operation_.state_; // the coroutine may go on, and this be gone, before the end
            if constexpr (std::is_base_of_v<detail::task_promise_base, Promise>)
                if (coroutine_host::current() != nullptr) return wait_hosted(*state, waiter);
            return state->attach(std::coroutine_handle<>{waiter});
        }

        [[nodiscard]] result<T> await_resume() { return operation_.take(); }

      private:
        bool wait_hosted(operation_state<T>& state, std::coroutine_handle<> waiter) {
            auto& host = begin_wait(waiter);
            if (cancelled() || state.attach(*this, host.shared_mail())) return true;
            cancel_wait();
            return false;
        }

        operation operation_;
    };

    [[nodiscard]] awaiter operator co_await() {
        if (!outcome_ && !state_) throw std::logic_error{"the outcome of an operation is had once"};
        return awaiter{std::move(*this)};
    }

  private:
    [[nodiscard]] std::shared_ptr<operation_state<T>> release() {
        if (!state_) throw std::logic_error{"the outcome of an operation is had once"};
        return std::exchange(state_, nullptr);
    }

    [[nodiscard]] result<T> take() {
        if (outcome_) {
            result<T> r = std::move(*outcome_);
            outcome_.reset();
            return r;
        }
        const auto state = release();
        state->abandon(); // from here on it has an outcome or gets none
        return state->take();
    }

    [[nodiscard]] result<T> wait(std::optional<time_point> deadline) {
        if (outcome_) return take();
        if (!state_) throw std::logic_error{"the outcome of an operation is had once"};
        if (!state_->completed() && detail::waiting_is_refused()) return detail::wait_refused_error();
        if (!state_->wait(deadline)) {
            drop();
            return detail::wait_timed_out_error();
        }
        return take();
    }

    void drop() noexcept {
        if (const auto state = std::exchange(state_, nullptr)) state->abandon();
    }

    std::optional<result<T>> outcome_;
    std::shared_ptr<operation_state<T>> state_;
};

} // namespace weir
