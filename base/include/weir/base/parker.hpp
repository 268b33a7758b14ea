#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace weir {

/// Where the consumers of a lock-free queue sleep, and how its producers wake no more of them than needed.
///
/// A consumer that finds nothing calls `wait`: it searches for a moment (a bounded spin, one thread at a
/// time), then sleeps. A producer calls `wake_one` after its work is visible; that costs one atomic operation
/// as long as nobody sleeps or somebody searches already, for the searcher will find the work. A consumer
/// that found something and sees more left passes the word on with `wake_another`, so that a burst wakes as
/// many threads as it keeps busy and no more.
///
/// Thread-safe. Idle threads sleep without any wake-up.
class parker {
  public:
    parker() = default;
    parker(const parker&) = delete;
    parker& operator=(const parker&) = delete;

    /// Returns when `ready()` holds, or after `close`; says whether it held. `ready` is called often, partly
    /// under a lock, and must be quick.
    template <class Ready>
    [[nodiscard]] bool wait(Ready ready) {
        const auto before = state_.fetch_add(one_searching);
        bool may_spin = searching(before) == 0;
        for (;;) {
            if (may_spin ? spin(ready) : ready()) {
                state_.fetch_sub(one_searching);
                return true;
            }
            std::unique_lock lock{mutex_};
            // From here on a producer sees a sleeper; before this point it saw a searcher. What either made
            // visible before it looked is seen by the check below, since both change the same atomic.
            state_.fetch_add(one_sleeping - one_searching);
            if (const bool found = ready(); found || closed_) {
                state_.fetch_sub(one_sleeping);
                return found;
            }
            const auto since = general_wakes_;
            slept_.wait(lock, [&] { return signals_ > 0 || closed_ || general_wakes_ != since; });
            may_spin = false;
            if (general_wakes_ != since) continue; // counted as searching, too
            if (signals_ == 0) {
                state_.fetch_sub(one_sleeping);
                return ready();
            }
            --signals_; // whoever woke us counts us as searching already
        }
    }

    /// After work was made visible: sees to it that somebody finds it.
    void wake_one() noexcept { wake_if_alone(state_.fetch_add(0)); }

    /// The same for a consumer that took work and left some: as it no longer searches itself, a plain look
    /// suffices.
    void wake_another() noexcept { wake_if_alone(state_.load()); }

    /// For changes that may let a certain waiter go on, or all: each looks anew.
    void wake_all() noexcept;

    /// Ends all waiting, now and later.
    void close() noexcept;

    /// Threads that wait, asleep or searching.
    [[nodiscard]] std::size_t idle() const noexcept {
        const auto s = state_.load(std::memory_order_relaxed);
        return sleeping(s) + searching(s);
    }

  private:
    static constexpr std::uint64_t one_sleeping = 1;
    static constexpr std::uint64_t one_searching = std::uint64_t{1} << 32;
    static constexpr int spins = 100;

    static std::size_t sleeping(std::uint64_t s) noexcept { return static_cast<std::uint32_t>(s); }

    static std::size_t searching(std::uint64_t s) noexcept { return static_cast<std::size_t>(s >> 32); }

    static void relax() noexcept;

    template <class Ready>
    static bool spin(Ready& ready) {
        for (int i = 0; i < spins; ++i) {
            if (ready()) return true;
            relax();
        }
        return ready();
    }

    void wake_if_alone(std::uint64_t s) noexcept {
        if (sleeping(s) > 0 && searching(s) == 0) wake_sleeper();
    }

    void wake_sleeper() noexcept;

    std::atomic<std::uint64_t> state_{0}; // threads asleep and not yet signalled; threads searching
    std::mutex mutex_;
    std::condition_variable slept_;
    std::size_t signals_{0};         // guarded by mutex_: given and not yet taken
    std::uint64_t general_wakes_{0}; // guarded by mutex_; those who slept before one need no signal
    bool closed_{false};             // guarded by mutex_
};

} // namespace weir
