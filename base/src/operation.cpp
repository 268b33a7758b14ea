#include <weir/base/operation.hpp>

#include <system_error>

namespace weir {
namespace {

thread_local bool refused = false;

} // namespace

must_not_wait::must_not_wait() noexcept
    : before_(std::exchange(refused, true)) {}

must_not_wait::~must_not_wait() {
    refused = before_;
}

namespace detail {

bool waiting_is_refused() noexcept {
    return refused;
}

bool operation_base::attach(suspension& waiter, std::shared_ptr<mailbox> at) {
    hosted_ = &waiter;
    return attach(continuation{std::move(at)});
}

bool operation_base::attach(std::coroutine_handle<> waiter) {
    return attach(continuation{waiter});
}

bool operation_base::attach(std::function<void()> waiter) {
    return attach(continuation{std::move(waiter)});
}

bool operation_base::attach(continuation next) {
    const std::scoped_lock lock{mutex_};
    if (completed_) return false;
    next_ = std::move(next);
    return true;
}

bool operation_base::wait(std::optional<time_point> deadline) {
    std::unique_lock lock{mutex_};
    const auto ended = [this] { return completed_; };
    if (!deadline) {
        ended_.wait(lock, ended);
        return true;
    }
    if (ended_.wait_until(lock, *deadline, ended)) return true;
    abandoned_ = true;
    lock.unlock();
    given_up();
    return false;
}

bool operation_base::completed() const {
    const std::scoped_lock lock{mutex_};
    return completed_;
}

void operation_base::abandon() noexcept {
    hosted_ = nullptr;
    continuation none; // destroyed outside of the lock
    {
        const std::scoped_lock lock{mutex_};
        if (std::exchange(abandoned_, true) || completed_) return;
        none = std::exchange(next_, {});
    }
    given_up();
}

void operation_base::proceed(continuation next) {
    if (auto* const hosted = std::get_if<std::shared_ptr<mailbox>>(&next)) {
        (*hosted)->post(shared_from_this());
    } else if (auto* const waiter = std::get_if<std::coroutine_handle<>>(&next)) {
        waiter->resume();
    } else if (auto* const call = std::get_if<std::function<void()>>(&next)) {
        (*call)();
    }
}

error wait_cancelled_error() {
    return {make_error_code(std::errc::operation_canceled), "the waiting was ended from outside"};
}

error wait_timed_out_error() {
    return {make_error_code(std::errc::timed_out), "no outcome within the time given"};
}

error wait_refused_error() {
    return {
        make_error_code(std::errc::resource_deadlock_would_occur),
        "waiting here would block the thread that completes the operation"};
}

} // namespace detail
} // namespace weir
