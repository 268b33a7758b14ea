#pragma once

#include <weir/connector/inbound.hpp>
#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::connector {

/// Stands for the pipeline: keeps what a producer emits, and lets a test wait for it.
class fake_intake final : public pipeline::intake<inbound> {
  public:
    struct record {
        std::vector<pipeline::entry<inbound>> entries;
        bool drained{false};
        std::optional<error> failure;
    };

    void emit(std::span<pipeline::entry<inbound>> entries) override {
        if (fails_once_.exchange(false)) throw std::runtime_error("no room in the test");
        note([&] {
            for (auto& e : entries)
                seen_.entries.push_back(std::move(e));
        });
    }

    void drained() override {
        note([&] { seen_.drained = true; });
    }

    void failed(const error& reason) override {
        note([&] { seen_.failure = reason; });
    }

    void stopped(const error& reason) override { failed(reason); }

    void stopped(const error& reason, duration) override { failed(reason); }

    void finished() override { drained(); }

    /// The next `emit` takes nothing and throws.
    void fail_once() { fails_once_ = true; }

    [[nodiscard]] bool wait_for(
        const std::function<bool(const record&)>& holds,
        std::chrono::milliseconds limit = std::chrono::seconds{30}) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return holds(seen_); });
    }

    [[nodiscard]] bool wait_for_messages(std::size_t count) {
        return wait_for([&](const record& r) { return r.entries.size() >= count; });
    }

    [[nodiscard]] record seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    [[nodiscard]] std::size_t messages() {
        const std::lock_guard lock(mutex_);
        return seen_.entries.size();
    }

    [[nodiscard]] std::vector<std::string> payloads() {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> list;
        for (const auto& e : seen_.entries)
            list.emplace_back(e.value.payload().text());
        return list;
    }

  private:
    void note(const std::function<void()>& change) {
        const std::lock_guard lock(mutex_);
        change();
        changed_.notify_all();
    }

    std::atomic<bool> fails_once_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    record seen_;
};

} // namespace weir::connector
