#pragma once

#include <weir/mqtt/io_lane.hpp>

#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::mqtt {

/// Runs code of the application that may block, one piece at a time on a thread of its own, and brings what
/// comes of it back to the lane. Rare by nature: once or twice in a connection. Lane only.
class errand {
  public:
    explicit errand(io_lane& lane)
        : lane_(lane) {}

    errand(const errand&) = delete;
    errand& operator=(const errand&) = delete;

    ~errand() { forget(); }

    [[nodiscard]] bool under_way() const noexcept { return current_ != nullptr; }

    /// `work()` runs elsewhere and must not throw; `done` with its result on the lane, unless `forget` comes
    /// before. Work that blocks for ever blocks nobody but its thread.
    template <class Work, class Done>
    void run(Work work, Done done) {
        forget();
        current_ = std::make_shared<ticket>();
        current_->lane = &lane_;
        std::thread{[this, slip = current_, work = std::move(work), done = std::move(done)]() mutable {
            auto outcome = std::make_shared<decltype(work())>(work());
            const std::lock_guard lock{slip->mutex};
            if (slip->lane == nullptr) return; // `this` may be gone
            slip->lane->post([this, slip, outcome, done = std::move(done)] {
                {
                    const std::lock_guard again{slip->mutex};
                    if (slip->lane == nullptr) return;
                }
                current_.reset();
                done(std::move(*outcome));
            });
        }}.detach();
    }

    void forget() noexcept {
        const auto slip = std::exchange(current_, nullptr);
        if (!slip) return;
        const std::lock_guard lock{slip->mutex};
        slip->lane = nullptr;
    }

  private:
    struct ticket {
        std::mutex mutex;
        io_lane* lane{nullptr}; ///< null when nobody waits any more
    };

    io_lane& lane_;
    std::shared_ptr<ticket> current_;
};

} // namespace weir::mqtt
