#pragma once

#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

/// A producer that emits what a test tells it to and remembers how each message ended.
class test_source final : public producer<int> {
  public:
    struct ending {
        outcome result;
        std::string reason;
    };

    explicit test_source(std::size_t window = 0)
        : window_(window) {}

    // What a test may set before the start.
    std::function<void()> on_start = [] {};
    std::function<void(std::span<const settlement>)> on_settle = [](auto) {};
    std::function<void(std::size_t)> on_demand = [](auto) {};
    std::function<void()> on_drain = [] {};
    std::function<void()> on_pause = [] {};
    std::function<void()> on_resume = [] {};
    bool drains_at_once = true;
    bool windowed = true;

    void start(intake<int>& into) override {
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
                endings_.emplace(s.token, ending{s.result, std::string{s.reason}});
            settled_ += settlements.size();
        }
        changed_.notify_all();
        on_settle(settlements);
    }

    /// Emits values that are at the same time the tokens.
    void emit(const std::vector<int>& values) {
        std::vector<entry<int>> entries;
        for (const auto v : values)
            entries.push_back({.value = v, .token = static_cast<std::uint64_t>(v), .windowed = windowed});
        into_->emit(entries);
    }

    void emit_range(int first, int count) {
        std::vector<int> values;
        for (int i = 0; i < count; ++i)
            values.push_back(first + i);
        emit(values);
    }

    [[nodiscard]] intake<int>& into() const { return *into_; }

    [[nodiscard]] bool stopped() const { return stopped_; }

    [[nodiscard]] bool paused() const { return paused_; }

    /// Settlements so far, repetitions included.
    [[nodiscard]] std::size_t settled() const {
        const std::scoped_lock lock{mutex_};
        return settled_;
    }

    [[nodiscard]] bool wait_settled(
        std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return settled_ >= count; });
    }

    [[nodiscard]] bool wait_announced(
        std::size_t total, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return sum_of(announced_) >= total; });
    }

    /// By token; how often a token was settled.
    [[nodiscard]] std::multimap<std::uint64_t, ending> endings() const {
        const std::scoped_lock lock{mutex_};
        return endings_;
    }

    [[nodiscard]] std::size_t count(outcome o) const {
        const std::scoped_lock lock{mutex_};
        std::size_t n = 0;
        for (const auto& [token, e] : endings_)
            n += e.result == o ? 1 : 0;
        return n;
    }

    /// The lengths of the calls to `settle`, and the increments of demand.
    [[nodiscard]] std::vector<std::size_t> calls() const {
        const std::scoped_lock lock{mutex_};
        return calls_;
    }

    [[nodiscard]] std::vector<std::size_t> announced() const {
        const std::scoped_lock lock{mutex_};
        return announced_;
    }

    [[nodiscard]] static std::size_t sum_of(const std::vector<std::size_t>& v) {
        std::size_t sum = 0;
        for (const auto n : v)
            sum += n;
        return sum;
    }

  private:
    std::size_t window_;
    intake<int>* into_{nullptr};
    std::atomic<bool> stopped_{false};
    std::atomic<bool> paused_{false};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<std::uint64_t, ending> endings_;
    std::vector<std::size_t> calls_;
    std::vector<std::size_t> announced_;
    std::size_t settled_{0};
};

} // namespace weir::pipeline::testing
