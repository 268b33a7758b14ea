#include <weir/base/coroutine_host.hpp>

#include <stdexcept>
#include <utility>

namespace weir {
namespace {

thread_local coroutine_host* current_host = nullptr;

} // namespace

coroutine_host& suspension::begin_wait(std::coroutine_handle<> waiter) {
    auto* const host = coroutine_host::current();
    if (host == nullptr)
        throw std::logic_error{"a coroutine waited on a thread that runs none: it belongs to a pipeline"};
    host_ = host;
    waiter_ = waiter;
    ended_ = false;
    cancelled_ = host->cancelled_;
    enter_last(host->waiting_);
    // Not at once: a coroutine that pays no attention would go round for ever without letting anybody in.
    if (cancelled_) end_wait();
    return *host;
}

void suspension::end_wait() noexcept {
    if (std::exchange(ended_, true)) return;
    enter_last(host_->ended_);
}

coroutine_host::coroutine_host(const time_source& time)
    : time_(time) {}

/// Letters may still be on their way: they fall into a closed box.
coroutine_host::~coroutine_host() {
    mail_->close();
}

coroutine_host* coroutine_host::current() noexcept {
    return current_host;
}

coroutine_host::entered::entered(coroutine_host& host) noexcept
    : before_(std::exchange(current_host, &host)) {}

coroutine_host::entered::~entered() {
    current_host = before_;
}

bool coroutine_host::run_one() {
    if (round_.alone()) collect();
    if (round_.alone()) return false;
    auto* const next = static_cast<suspension*>(round_.after());
    next->leave();
    const entered here{*this};
    next->waiter_.resume();
    return true;
}

/// What has ended by now makes up a round: coroutines that keep each other busy do not keep news out.
void coroutine_host::collect() {
    mail_->deliver();
    if (!alarms_.empty()) end_sleeps();
    round_.take_all(ended_);
}

void coroutine_host::end_sleeps() {
    const auto now = time_.now();
    for (auto a = alarms_.begin(); a != alarms_.end() && a->first <= now; ++a)
        a->second->end_wait();
}

std::optional<time_point> coroutine_host::due() const {
    if (!round_.alone() || !ended_.alone()) return time_point::min();
    if (alarms_.empty()) return std::nullopt;
    return alarms_.begin()->first;
}

void coroutine_host::cancel() noexcept {
    cancelled_ = true;
    while (!waiting_.alone()) {
        auto* const s = static_cast<suspension*>(waiting_.after());
        s->cancelled_ = true;
        s->end_wait();
    }
}

void sleeping::awaiter::await_suspend(std::coroutine_handle<> waiter) {
    auto& host = begin_wait(waiter);
    if (cancelled()) return;
    alarm_ = host.set_alarm(until_, *this);
    alarmed_ = &host;
}

void sleeping::awaiter::forget() noexcept {
    if (auto* const host = std::exchange(alarmed_, nullptr)) host->erase_alarm(alarm_);
}

} // namespace weir
