#include "client/inbox.hpp"

#include <algorithm>
#include <utility>

namespace weir::mqtt {

inbox::answer inbox::receive() {
    if (auto one = take()) return {.now = result<incoming>{std::move(*one)}};
    const std::scoped_lock lock{mutex_};
    if (!ready_.empty()) { // it has come meanwhile
        answer a{.now = result<incoming>{std::move(ready_.front())}};
        ready_.pop_front();
        ++used_;
        return a;
    }
    if (ended_) return {.now = result<incoming>{ended_}};
    const auto leave = [box = weak_from_this()](const waiter* one) {
        if (const auto self = box.lock()) self->forget(one);
    };
    return {.later = waiting_.emplace_back(std::make_shared<waiter>(leave))};
}

std::optional<incoming> inbox::take() {
    begin();
    std::optional<incoming> taken;
    std::size_t due = 0;
    {
        const std::scoped_lock lock{mutex_};
        if (ready_.empty()) return taken;
        taken.emplace(std::move(ready_.front()));
        ready_.pop_front();
        due = due_after_one();
    }
    ask_for(due);
    return taken;
}

void inbox::begin() {
    if (!begun_.exchange(true)) demand_(most_ready);
}

void inbox::add(incoming&& one) {
    while (const auto next = next_waiter_or_keep(one)) {
        result<incoming> offered{std::move(one)};
        if (next->complete(std::move(offered))) return note_used();
        one = std::move(*offered); // whoever waited has gone
    }
}

std::shared_ptr<inbox::waiter> inbox::next_waiter_or_keep(incoming& one) {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) {
        ready_.push_back(std::move(one));
        return nullptr;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

void inbox::note_used() {
    std::size_t due = 0;
    {
        const std::scoped_lock lock{mutex_};
        due = due_after_one();
    }
    ask_for(due);
}

/// Half of them at a time, which costs little and never leaves the client without demand.
std::size_t inbox::due_after_one() noexcept {
    return ++used_ >= most_ready / 2 ? std::exchange(used_, 0) : 0;
}

void inbox::ask_for(std::size_t messages) {
    if (messages != 0) demand_(messages);
}

void inbox::end(const error& why) {
    std::deque<std::shared_ptr<waiter>> all;
    {
        const std::scoped_lock lock{mutex_};
        ended_ = why;
        all.swap(waiting_);
    }
    for (const auto& one : all)
        (void)one->complete(result<incoming>{why});
}

void inbox::reopen() {
    const std::scoped_lock lock{mutex_};
    ended_ = {};
}

void inbox::clear() {
    std::deque<incoming> dropped; // outside of the lock
    const std::scoped_lock lock{mutex_};
    dropped.swap(ready_);
}

void inbox::forget(const waiter* one) {
    std::shared_ptr<waiter> kept; // outside of the lock
    const std::scoped_lock lock{mutex_};
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [one](const auto& w) { return w.get() == one; });
    if (found == waiting_.end()) return;
    kept = std::move(*found);
    waiting_.erase(found);
}

} // namespace weir::mqtt
