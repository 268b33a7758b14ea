#pragma once

#include "producer_context.hpp"

#include <weir/base/log.hpp>
#include <weir/base/thread_name.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace weir::connector {

/// Does what somebody else's store is asked for on a thread of its own, since stores block, and again until
/// it succeeds. What gathers while one call runs is one call afterwards. Thread-safe.
///
/// `Work` gathers; a default-made one is nothing to do, and says so by `empty()`.
template <class Work>
class patient_worker {
  public:
    /// `carry_out` may throw; it is then called again with the same. `what` begins the line in the log.
    patient_worker(
        const producer_context& context, std::string what, std::function<void(const Work&)> carry_out)
        : context_(context)
        , what_(std::move(what))
        , carry_out_(std::move(carry_out))
        , thread_([this] { run(); }) {}

    patient_worker(const patient_worker&) = delete;
    patient_worker& operator=(const patient_worker&) = delete;

    /// Waits for a call that is under way, however long it takes.
    ~patient_worker() {
        stop(time_point::max());
        thread_.join();
    }

    /// `change` is given the work that waits.
    template <class Change>
    void gather(Change change) {
        const std::lock_guard lock(mutex_);
        change(waiting_);
        changed_.notify_all();
    }

    /// Waits until nothing is left to do, until `deadline` at most.
    void settle(time_point deadline) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline, [this] { return stopping_ || (waiting_.empty() && !busy_); });
    }

    /// Nothing is begun any more; what is left is not done. Waits for a call that is under way, until
    /// `deadline` at most: a store that hangs must not keep a pipeline from stopping. False: it has passed.
    bool stop(time_point deadline) {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
        if (changed_.wait_until(lock, deadline, [this] { return !busy_; })) return true;
        log(log_level::warning,
            context_.log_prefix() + what_ + ": the store has not returned from a call; not waited for");
        return false;
    }

  private:
    static constexpr std::chrono::milliseconds shortest_delay{50};
    static constexpr std::chrono::milliseconds longest_delay{5'000};

    void run() {
        set_thread_name("weir-receipts");
        for (Work w; next(w) && done_with(w);) {
        }
        const std::lock_guard lock(mutex_);
        rest();
    }

    void rest() {
        busy_ = false;
        changed_.notify_all();
    }

    [[nodiscard]] bool next(Work& w) {
        std::unique_lock lock(mutex_);
        rest();
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return false;
        w = std::exchange(waiting_, {});
        busy_ = true;
        return true;
    }

    /// False when it was stopped first.
    [[nodiscard]] bool done_with(const Work& w) {
        for (delay_ = {};;) {
            try {
                carry_out_(w);
                return true;
            } catch (const std::exception& e) {
                complain(e.what());
            } catch (...) {
                complain("an exception that is no std::exception");
            }
            if (!pause()) return false;
        }
    }

    /// Once for a row of failures.
    void complain(const std::string& why) const {
        if (delay_.count() == 0)
            log(log_level::warning,
                context_.log_prefix() + what_ + " cannot be kept up, trying again: " + why);
    }

    [[nodiscard]] bool pause() {
        delay_ = std::clamp(delay_ * 2, shortest_delay, longest_delay);
        std::unique_lock lock(mutex_);
        return !changed_.wait_for(lock, delay_, [this] { return stopping_; });
    }

    const producer_context& context_;
    const std::string what_;
    const std::function<void(const Work&)> carry_out_;

    std::mutex mutex_;
    std::condition_variable changed_;
    Work waiting_{};
    bool busy_{false};
    bool stopping_{false};

    std::chrono::milliseconds delay_{}; ///< thread only: before the next attempt
    std::thread thread_;
};

} // namespace weir::connector
