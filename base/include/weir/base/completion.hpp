#pragma once

#include <weir/base/coroutine_host.hpp>
#include <weir/base/result.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir {

namespace detail {

/// What a completion, its completers and the waiting coroutine share, but for the value.
class completion_base : public letter, public std::enable_shared_from_this<completion_base> {
  public:
    /// The coroutine's thread: `waiter` waits from now on; false: it has been completed already.
    [[nodiscard]] bool attach(suspension& waiter, std::shared_ptr<mailbox> at);

    /// The coroutine's thread: the wait has ended, or its frame goes. What comes later is ignored.
    void detach() noexcept;

    [[nodiscard]] bool completed() const;

    void deliver() noexcept override {
        if (waiter_ != nullptr) waiter_->end_wait();
    }

  protected:
    /// Whether it is the first; then `store` is called, under the lock.
    template <class Store>
    [[nodiscard]] bool complete_once(Store store) {
        std::shared_ptr<mailbox> to;
        {
            const std::scoped_lock lock{mutex_};
            if (completed_ || abandoned_) return false;
            store();
            completed_ = true;
            to = std::move(waiting_at_);
        }
        if (to != nullptr) to->post(shared_from_this());
        return true;
    }

  private:
    mutable std::mutex mutex_; // guards all below but the waiter
    bool completed_{false};
    bool abandoned_{false};
    std::shared_ptr<mailbox> waiting_at_;
    suspension* waiter_{nullptr}; // of the coroutine's thread
};

[[nodiscard]] error given_up_error();
[[nodiscard]] error stopped_error();

template <class T>
class completion_state final : public completion_base {
  public:
    [[nodiscard]] bool complete(result<T> r) {
        return complete_once([&] { result_.emplace(std::move(r)); });
    }

    [[nodiscard]] bool complete(std::exception_ptr thrown) {
        return complete_once([&] { thrown_ = std::move(thrown); });
    }

    /// The coroutine's thread, after the wait.
    [[nodiscard]] result<T> take() {
        detach();
        if (thrown_ != nullptr) std::rethrow_exception(thrown_);
        if (!result_) return stopped_error();
        return std::move(*result_);
    }

  private:
    std::optional<result<T>> result_; // written before `completed_`, read after `detach`
    std::exception_ptr thrown_;
};

/// Goes with the last completer.
template <class T>
class completion_duty {
  public:
    explicit completion_duty(std::shared_ptr<completion_state<T>> state) noexcept
        : state_(std::move(state)) {}

    completion_duty(const completion_duty&) = delete;
    completion_duty& operator=(const completion_duty&) = delete;

    ~completion_duty() { static_cast<void>(state_->complete(result<T>{given_up_error()})); }

    [[nodiscard]] completion_state<T>& state() const noexcept { return *state_; }

  private:
    std::shared_ptr<completion_state<T>> state_;
};

} // namespace detail

/// The giving end of a `completion`: goes into the callback of an asynchronous operation. All copies stand
/// for the same completion; the first call of any of them counts. When the last copy goes without a call, the
/// completion gets the error `std::future_errc::broken_promise`.
///
/// Thread-safe; may be called before anybody waits, after the pipeline has gone, and inside the function that
/// begins the operation. Each call says whether it counted.
template <class T>
class completer {
  public:
    bool complete(T value) const {
        return duty_->state().complete(result<T>{boost::system::in_place_value, std::move(value)});
    }

    bool fail(error why) const {
        return duty_->state().complete(result<T>{boost::system::in_place_error, std::move(why)});
    }

    /// `co_await` throws it.
    bool fail(std::exception_ptr thrown) const { return duty_->state().complete(std::move(thrown)); }

  private:
    template <class>
    friend class completion;

    explicit completer(std::shared_ptr<detail::completion_duty<T>> duty) noexcept
        : duty_(std::move(duty)) {}

    std::shared_ptr<detail::completion_duty<T>> duty_;
};

template <>
class completer<void> {
  public:
    bool complete() const { return duty_->state().complete(result<void>{}); }

    bool fail(error why) const {
        return duty_->state().complete(result<void>{boost::system::in_place_error, std::move(why)});
    }

    bool fail(std::exception_ptr thrown) const { return duty_->state().complete(std::move(thrown)); }

  private:
    template <class>
    friend class completion;

    explicit completer(std::shared_ptr<detail::completion_duty<void>> duty) noexcept
        : duty_(std::move(duty)) {}

    std::shared_ptr<detail::completion_duty<void>> duty_;
};

/// A result that comes from elsewhere, awaited by a coroutine of a handler:
///
///     weir::completion<std::string> answer;
///     directory.look_up(name, [done = answer.completer()](std::string s) { done.complete(std::move(s)); });
///     const weir::result<std::string> found = co_await answer;
///
/// The coroutine goes on on its own thread, whatever thread completes it. When the pipeline's stop deadline
/// passes first, the result is the error `std::errc::operation_canceled`, and what comes later is ignored: so
/// an operation must own what it works on, and not use the coroutine's variables.
///
/// Move-only, and awaited once; a function that begins an operation may return it. Not thread-safe.
template <class T>
class [[nodiscard]] completion {
  public:
    using weir_awaitable = void;

    completion()
        : state_(std::make_shared<detail::completion_state<T>>())
        , duty_(std::make_shared<detail::completion_duty<T>>(state_)) {}

    completion(completion&&) noexcept = default;
    completion& operator=(completion&&) noexcept = default;
    ~completion() = default;

    /// Before it is awaited; else throws `std::logic_error`.
    [[nodiscard]] weir::completer<T> completer() const {
        if (duty_ == nullptr) throw std::logic_error{"a completion that was awaited has no new completers"};
        return weir::completer<T>{duty_};
    }

    class awaiter final : public suspension {
      public:
        explicit awaiter(std::shared_ptr<detail::completion_state<T>> state) noexcept
            : state_(std::move(state)) {}

        ~awaiter() { state_->detach(); }

        [[nodiscard]] bool await_ready() const { return state_->completed(); }

        [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiter) {
            auto& host = begin_wait(waiter);
            if (cancelled() || state_->attach(*this, host.shared_mail())) return true;
            cancel_wait();
            return false;
        }

        [[nodiscard]] result<T> await_resume() { return state_->take(); }

      private:
        std::shared_ptr<detail::completion_state<T>> state_;
    };

    /// Throws `std::logic_error` the second time.
    [[nodiscard]] awaiter operator co_await() {
        if (state_ == nullptr) throw std::logic_error{"a completion is awaited once"};
        duty_.reset();
        return awaiter{std::move(state_)};
    }

  private:
    std::shared_ptr<detail::completion_state<T>> state_;
    std::shared_ptr<detail::completion_duty<T>> duty_; // until it is awaited
};

} // namespace weir
