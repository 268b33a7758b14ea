#pragma once

#include "engine/defects.hpp"
#include "engine/settlement_watch.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/base/time.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace weir::pipeline::engine {

/// Tells the conductor that something it may wait for has happened. Costs one load as long as nobody watches.
class progress_signal {
  public:
    /// After counters were changed.
    void notify() noexcept {
        if (watched_.load()) raise();
    }

    /// From now on changes are told; those before are visible to the caller.
    void watch() noexcept { watched_.store(true); }

    void raise() noexcept {
        {
            const std::scoped_lock lock{mutex_};
            raised_ = true;
        }
        changed_.notify_all();
    }

    /// Until something has happened, or until `deadline`.
    void wait(std::optional<time_point> deadline) {
        std::unique_lock lock{mutex_};
        const auto raised = [this] { return raised_; };
        if (deadline)
            changed_.wait_until(lock, *deadline, raised);
        else
            changed_.wait(lock, raised);
        raised_ = false;
    }

  private:
    std::atomic<bool> watched_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool raised_{false}; // guarded by mutex_
};

/// What all stages of one pipeline share.
struct control {
    std::string pipeline; ///< its name
    const time_source* time{&real_time()};
    std::shared_ptr<telemetry> bus;
    progress_signal progress;
    engine::defects defects;
    settlement_watch* outcomes{nullptr}; ///< set before the start, if anybody wants to see them
    std::atomic<bool> aborted{false};    ///< past the stop deadline: nothing new is started
    std::atomic<bool> closed{false};     ///< the end: nothing comes any more
};

} // namespace weir::pipeline::engine
