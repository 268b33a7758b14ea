#pragma once

#include <weir/base/mailbox.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace weir::pipeline::engine {

/// Workers that sleep in mailboxes of their own and want to be woken for new work, one for each ring.
/// Thread-safe.
class bell_board {
  public:
    /// From now on it may be rung, once. Whoever makes work visible and then rings either finds the caller
    /// here, or the caller sees the work when it looks once more.
    void enlist(mailbox& m) {
        const std::scoped_lock lock{mutex_};
        waiting_.push_back(&m);
        count_.fetch_add(1);
    }

    void delist(mailbox& m) noexcept {
        const std::scoped_lock lock{mutex_};
        count_.fetch_sub(std::erase(waiting_, &m));
    }

    void ring_one() noexcept {
        if (count_.fetch_add(0) == 0) return;
        const std::scoped_lock lock{mutex_};
        if (waiting_.empty()) return;
        waiting_.back()->ring();
        waiting_.pop_back();
        count_.fetch_sub(1);
    }

    [[nodiscard]] std::size_t waiting() const noexcept { return count_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::size_t> count_{0};
    std::mutex mutex_;
    std::vector<mailbox*> waiting_; // guarded by mutex_; at most the workers of a group
};

} // namespace weir::pipeline::engine
