#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/start.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

/// A pipeline without threads, on a clock that stands still until told: everything happens inside the calls
/// of `run`, `advance` and `stop`, on the caller's thread, in an order that a seed decides. The same seed
/// gives the same course, so that timeouts, intervals and restarts can be tested exactly and a failure found
/// with a seed can be seen again.
///
/// A callback that blocks blocks the test. Not thread-safe; producers must emit on the same thread.
class virtual_pipeline {
  public:
    /// As `pipeline::start`, which see.
    template <class Raw, class Handler, class Transform>
    [[nodiscard]] static virtual_pipeline start(
        options o, std::vector<std::shared_ptr<producer<Raw>>> producers, Handler handler,
        Transform transform, std::shared_ptr<telemetry> bus = nullptr, std::uint64_t seed = 0) {
        auto time = std::make_unique<manual_time>();
        auto started = engine::launch(
            engine::assemble<Raw>(
                std::move(o), std::move(producers), std::move(handler), std::move(transform), std::move(bus)),
            {time.get(), seed});
        return {std::move(time), std::move(started)};
    }

    /// Does everything that can be done without time passing.
    void run();

    /// Lets time pass, and does everything when it comes due.
    void advance(duration d);

    /// Drains and stops; time passes as far as that takes.
    stop_report stop() { return pipeline_.stop(); }

    stop_report stop(std::chrono::milliseconds limit) { return pipeline_.stop(limit); }

    [[nodiscard]] time_point now() const noexcept { return time_->now(); }

    [[nodiscard]] running_pipeline* operator->() noexcept { return &pipeline_; }

    [[nodiscard]] running_pipeline& operator*() noexcept { return pipeline_; }

  private:
    virtual_pipeline(std::unique_ptr<manual_time> time, running_pipeline started) noexcept
        : time_(std::move(time))
        , pipeline_(std::move(started)) {}

    std::unique_ptr<manual_time> time_; // before the pipeline: it goes last
    running_pipeline pipeline_;
};

} // namespace weir::pipeline::testing
