#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

template <class T>
class task;

/// What a `task` may await: it says of itself, by a member type `weir_awaitable`, that it resumes the
/// coroutine on the thread it waited on. Anything else comes in by way of a `completion`.
template <class A>
concept awaitable_in_task = requires {
    typename std::remove_cvref_t<A>::weir_awaitable;
}

|| std::same_as<std::remove_cvref_t<A>, std::suspend_never>;

/// Is told when a task that nobody awaits has run to its end.
class task_listener {
  public:
    virtual ~task_listener() = default;

    /// On the task's thread. The task may be destroyed once the call that resumed it has returned.
    virtual void task_ended() noexcept = 0;

  protected:
    task_listener() = default;
    task_listener(const task_listener&) = default;
    task_listener& operator=(const task_listener&) = default;
};

namespace detail {

class task_promise_base {
  public:
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }

    /// Goes on with whoever awaits this task, unless that has not let go of its thread yet: then it sees for
    /// itself that the task has ended, and a loop over tasks that never wait needs no stack, whatever the
    /// compiler does with tail calls.
    struct final_awaiter {
        [[nodiscard]] bool await_ready() const noexcept { return false; }

        template <class Promise>
        [[nodiscard]] std::coroutine_handle<> await_suspend(
            std::coroutine_handle<Promise> ended) const noexcept {
            task_promise_base& p = ended.promise();
            if (p.listener_ != nullptr) p.listener_->task_ended();
            return p.awaiting_ ? p.awaiting_ : std::noop_coroutine();
        }

        void await_resume() const noexcept {}
    };

    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }

    template <class A>
    [[nodiscard]] A&& await_transform(A&& what) const noexcept {
        static_assert(
            awaitable_in_task<A>,
            "a weir::task awaits tasks, completions and what weir offers; let anything else complete a "
            "weir::completion and await that");
        return static_cast<A&&>(what);
    }

    void awaited_by(std::coroutine_handle<> who) noexcept { awaiting_ = who; }

    void listened_to_by(task_listener* who) noexcept { listener_ = who; }

  private:
    std::coroutine_handle<> awaiting_;
    task_listener* listener_{nullptr};
};

template <class T>
class task_promise final : public task_promise_base {
  public:
    [[nodiscard]] task<T> get_return_object() noexcept;

    template <class U>
    requires std::convertible_to<U&&, T>

    void return_value(U&& value) { outcome_.template emplace<1>(std::forward<U>(value)); }

    void unhandled_exception() noexcept { outcome_.template emplace<2>(std::current_exception()); }

    [[nodiscard]] T take() {
        if (outcome_.index() == 2) std::rethrow_exception(std::get<2>(outcome_));
        return std::move(std::get<1>(outcome_));
    }

  private:
    std::variant<std::monostate, T, std::exception_ptr> outcome_;
};

template <>
class task_promise<void> final : public task_promise_base {
  public:
    [[nodiscard]] task<void> get_return_object() noexcept;

    void return_void() const noexcept {}

    void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

    void take() const {
        if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    }

  private:
    std::exception_ptr thrown_;
};

} // namespace detail

/// A coroutine that yields a `T` to whoever awaits it. Lazy: it runs when it is awaited, or when a pipeline
/// runs it because a handler returned it. What it throws comes out of the `co_await`. Destroying a task that
/// waits destroys what its frame holds, and so the tasks that it awaits.
///
/// Move-only; a task is awaited once, as `co_await read(x)` or `co_await std::move(t)`. All of it runs on the
/// thread that started it.
///
/// A coroutine's parameters outlive the call that made the task only when they are values, or references to
/// what lives long enough. And beware of braces in the arguments of an awaited call: g++ 12 destroys an
/// aggregate that is made inside a `co_await` expression twice. Make it a variable first.
template <class T>
class [[nodiscard]] task {
    static_assert(!std::is_reference_v<T>, "a task yields a value; return a pointer for a reference");

  public:
    using promise_type = detail::task_promise<T>;
    using weir_awaitable = void;

    /// No coroutine.
    task() noexcept = default;

    task(task&& other) noexcept
        : coroutine_(std::exchange(other.coroutine_, nullptr)) {}

    task& operator=(task&& other) noexcept {
        if (this != &other) destroy(std::exchange(coroutine_, std::exchange(other.coroutine_, nullptr)));
        return *this;
    }

    ~task() { destroy(coroutine_); }

    /// Whether there is a coroutine, and it has run to its end.
    [[nodiscard]] bool done() const noexcept { return coroutine_ && coroutine_.done(); }

    explicit operator bool() const noexcept { return static_cast<bool>(coroutine_); }

    /// Begins to run it without awaiting it, until it first waits; for those who run coroutines. `listener`
    /// may be null.
    void start(task_listener* listener) {
        coroutine_.promise().listened_to_by(listener);
        coroutine_.resume();
    }

    /// When it is done: its value, or what it threw.
    T take() { return coroutine_.promise().take(); }

    class awaiter {
      public:
        using weir_awaitable = void;

        explicit awaiter(std::coroutine_handle<promise_type> awaited) noexcept
            : awaited_(awaited) {}

        [[nodiscard]] bool await_ready() const {
            if (!awaited_) throw std::logic_error{"a task was awaited that holds no coroutine"};
            return awaited_.done();
        }

        [[nodiscard]] bool await_suspend(std::coroutine_handle<> who) const {
            awaited_.resume();
            if (awaited_.done()) return false;
            awaited_.promise().awaited_by(who);
            return true;
        }

        T await_resume() const { return awaited_.promise().take(); }

      private:
        std::coroutine_handle<promise_type> awaited_;
    };

    [[nodiscard]] awaiter operator co_await() && noexcept { return awaiter{coroutine_}; }

  private:
    friend promise_type;

    explicit task(std::coroutine_handle<promise_type> c) noexcept
        : coroutine_(c) {}

    static void destroy(std::coroutine_handle<promise_type> c) noexcept {
        if (c) c.destroy();
    }

    std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
    return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() noexcept {
    return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

} // namespace detail
} // namespace weir
