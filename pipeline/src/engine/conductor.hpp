#pragma once

#include "engine/control.hpp"
#include "engine/ledger.hpp"
#include "stage/terminator.hpp"

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::engine {

/// What the conductor asks of a pipeline that ends.
class drainable {
  public:
    virtual ~drainable() = default;
    virtual void drain_sources() = 0;
    [[nodiscard]] virtual terminator::observation observe() const = 0;
    [[nodiscard]] virtual tally settled() const = 0;
    virtual void flush() = 0;

    /// Settles everything that is left as abandoned; the names of workers whose callbacks still run.
    [[nodiscard]] virtual std::vector<std::string> abandon() = 0;

    virtual void close(time_point deadline) = 0;

  protected:
    drainable() = default;
    drainable(const drainable&) = default;
    drainable& operator=(const drainable&) = default;
};

/// The thread that ends a pipeline when asked to, and the place where others wait for that. Thread-safe.
class conductor {
  public:
    conductor(drainable& pipeline, control& shared, const time_source& time);
    conductor(const conductor&) = delete;
    conductor& operator=(const conductor&) = delete;

    /// All workers run; from now on a request is served.
    void start();

    /// The earliest deadline counts. The first reason counts; one that is no error is an orderly stop.
    void request(std::chrono::milliseconds limit, const error& reason = {});

    /// Blocks until the pipeline has ended.
    [[nodiscard]] stop_report wait();
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit);

    void join();

    [[nodiscard]] pipeline::state state() const noexcept { return state_.load(); }

  private:
    void run() noexcept;
    [[nodiscard]] terminator await_request();
    void drain(terminator& course);
    void finish(const terminator& course, const tally& before);
    void enter(pipeline::state s);
    void adopt_deadline(terminator& course);

    drainable& pipeline_;
    control& shared_;
    const time_source& time_;
    std::atomic<pipeline::state> state_{pipeline::state::starting};
    std::mutex mutex_; // guards all below but the thread
    std::condition_variable ended_;
    std::optional<time_point> deadline_;
    stop_report report_;
    bool has_ended_{false};
    std::thread thread_;
};

} // namespace weir::pipeline::engine
