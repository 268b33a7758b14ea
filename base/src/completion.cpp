#include <weir/base/completion.hpp>

#include <future>
#include <system_error>

namespace weir::detail {

bool completion_base::attach(suspension& waiter, std::shared_ptr<mailbox> at) {
    const std::scoped_lock lock{mutex_};
    if (completed_) return false;
    waiter_ = &waiter;
    waiting_at_ = std::move(at);
    return true;
}

void completion_base::detach() noexcept {
    waiter_ = nullptr;
    std::shared_ptr<mailbox> none; // outside of the lock
    const std::scoped_lock lock{mutex_};
    abandoned_ = true;
    none = std::move(waiting_at_);
}

bool completion_base::completed() const {
    const std::scoped_lock lock{mutex_};
    return completed_;
}

error given_up_error() {
    return {
        make_error_code(std::future_errc::broken_promise),
        "the operation went without a result: every copy of its completer was destroyed"};
}

error stopped_error() {
    return {make_error_code(std::errc::operation_canceled), "the pipeline stops"};
}

} // namespace weir::detail
