#include <weir/base/mailbox.hpp>

#include <utility>

namespace weir {

void mailbox::post(std::shared_ptr<letter> l) noexcept {
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) return;
        auto* const added = l.get();
        (first_ == nullptr ? first_ : last_->next_) = std::move(l);
        last_ = added;
        mail_.store(true, std::memory_order_relaxed);
    }
    came_.notify_one();
}

void mailbox::ring() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        rung_ = true;
    }
    came_.notify_one();
}

void mailbox::deliver() noexcept {
    for (auto l = take(); l != nullptr; l = std::exchange(l->next_, nullptr))
        l->deliver();
}

std::shared_ptr<letter> mailbox::take() noexcept {
    if (!mail_.load(std::memory_order_relaxed)) return nullptr;
    const std::scoped_lock lock{mutex_};
    mail_.store(false, std::memory_order_relaxed);
    last_ = nullptr;
    return std::exchange(first_, nullptr);
}

void mailbox::wait(std::optional<time_point> deadline) {
    std::unique_lock lock{mutex_};
    const auto woken = [this] { return first_ != nullptr || rung_; };
    if (deadline)
        came_.wait_until(lock, *deadline, woken);
    else
        came_.wait(lock, woken);
    rung_ = false;
}

void mailbox::close() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
    }
    // One by one: a chain that goes at once would go by recursion.
    for (auto l = take(); l != nullptr;)
        l = std::exchange(l->next_, nullptr);
}

} // namespace weir
