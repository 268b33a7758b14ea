#pragma once

#include "item.hpp"

#include <weir/base/parker.hpp>
#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace weir::bench {

/// Emits as much as is asked for, from a thread of its own; or, with an `interval`, one item each time.
class generator final : public pipeline::producer<item> {
  public:
    explicit generator(std::chrono::nanoseconds interval = {})
        : interval_(interval) {}

    ~generator() override;

    void start(pipeline::intake<item>& into) override;
    void demand(std::size_t count) override;
    void drain() override;
    void stop(time_point deadline) override;
    void settle(std::span<const pipeline::settlement> settlements) override;

    [[nodiscard]] std::uint64_t settled() const noexcept { return settled_.load(); }

  private:
    void run();
    void emit(std::size_t count);
    void join();

    std::chrono::nanoseconds interval_;
    pipeline::intake<item>* into_{nullptr};
    parker parker_;
    std::atomic<std::size_t> credit_{0};
    std::atomic<bool> ending_{false};
    alignas(64) std::atomic<std::uint64_t> settled_{0};
    std::vector<pipeline::entry<item>> burst_; // at most max_burst
    std::uint64_t next_{0};
    std::thread thread_;
};

} // namespace weir::bench
