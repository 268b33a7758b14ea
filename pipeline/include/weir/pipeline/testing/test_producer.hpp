#pragma once

#include <weir/base/error.hpp>
#include <weir/pipeline/caller_acknowledger.hpp>
#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

/// A producer that emits what a test tells it to, whether there is demand or not, and remembers how each
/// message ended and what was asked of it. One that is never told anything never emits. Thread-safe but for
/// the members that are to be set before the start.
template <class Raw>
class test_producer : public producer<Raw> {
  public:
    /// `window`: how many messages it says its source lets out at once; 0: it has no window.
    explicit test_producer(std::size_t window = 0)
        : window_(window) {}

    // What a test may set before the start. What they throw, the producer throws.
    std::function<void()> on_start = [] {};
    std::function<void(std::span<const settlement>)> on_settle = [](auto) {};
    std::function<void(std::size_t)> on_demand = [](auto) {};
    std::function<void()> on_drain = [] {};
    std::function<void()> on_pause = [] {};
    std::function<void()> on_resume = [] {};
    bool drains_at_once = true; ///< else the test calls `into().drained()`
    bool windowed = true;       ///< its messages take places of the window

    void start(intake<Raw>& into) override {
        into_ = &into;
        on_start();
    }

    void demand(std::size_t count) override {
        {
            const std::scoped_lock lock{mutex_};
            announced_.push_back(count);
        }
        changed_.notify_all();
        on_demand(count);
    }

    void pause() override {
        paused_ = true;
        on_pause();
    }

    void resume() override {
        paused_ = false;
        on_resume();
    }

    void drain() override {
        on_drain();
        if (drains_at_once) into_->drained();
    }

    void stop(time_point) override { stopped_ = true; }

    [[nodiscard]] std::size_t window() const noexcept override { return window_; }

    void settle(std::span<const settlement> settlements) override {
        {
            const std::scoped_lock lock{mutex_};
            calls_.push_back(settlements.size());
            for (const auto& s : settlements)
                endings_.push_back({s.token, s.result, std::string{s.reason}});
        }
        changed_.notify_all();
        on_settle(settlements);
    }

    /// Emits entries as they are.
    void emit(std::span<entry<Raw>> entries) { into_->emit(entries); }

    /// Emits messages with the tokens 1, 2, 3 and so on, counted over all calls; returns the first of them.
    std::uint64_t emit(std::vector<Raw> values) {
        const auto first = next_token_.fetch_add(values.size());
        std::vector<entry<Raw>> entries;
        for (auto& v : values)
            entries.push_back({.value = std::move(v), .token = first + entries.size(), .windowed = windowed});
        emit(std::span{entries});
        return first;
    }

    /// The source is lost for good.
    void fail(const error& reason) { into_->failed(reason); }

    /// Once started.
    [[nodiscard]] intake<Raw>& into() const { return *into_; }

    [[nodiscard]] bool stopped() const { return stopped_; }

    [[nodiscard]] bool paused() const { return paused_; }

    /// How messages ended, in the order of the reports. A token that is there twice was settled twice.
    [[nodiscard]] std::vector<ending> endings() const {
        const std::scoped_lock lock{mutex_};
        return endings_;
    }

    /// Settlements so far, repetitions included.
    [[nodiscard]] std::size_t settled() const {
        const std::scoped_lock lock{mutex_};
        return endings_.size();
    }

    [[nodiscard]] std::size_t count(outcome o) const {
        const std::scoped_lock lock{mutex_};
        std::size_t n = 0;
        for (const auto& e : endings_)
            n += e.result == o ? 1 : 0;
        return n;
    }

    [[nodiscard]] bool wait_settled(
        std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return endings_.size() >= count; });
    }

    [[nodiscard]] bool wait_announced(
        std::size_t total, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return sum_of(announced_) >= total; });
    }

    /// The lengths of the calls to `settle`.
    [[nodiscard]] std::vector<std::size_t> calls() const {
        const std::scoped_lock lock{mutex_};
        return calls_;
    }

    /// The increments of demand.
    [[nodiscard]] std::vector<std::size_t> announced() const {
        const std::scoped_lock lock{mutex_};
        return announced_;
    }

    [[nodiscard]] static std::size_t sum_of(const std::vector<std::size_t>& v) {
        return std::accumulate(v.begin(), v.end(), std::size_t{0});
    }

  private:
    std::size_t window_;
    intake<Raw>* into_{nullptr};
    std::atomic<bool> stopped_{false};
    std::atomic<bool> paused_{false};
    std::atomic<std::uint64_t> next_token_{1};
    mutable std::mutex mutex_; // guards all below
    std::condition_variable changed_;
    std::vector<ending> endings_;
    std::vector<std::size_t> calls_;
    std::vector<std::size_t> announced_;
};

} // namespace weir::pipeline::testing
