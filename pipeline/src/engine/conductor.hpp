#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "engine/ledger.hpp"
#include "stage/terminator.hpp"

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::engine {

/// What was left when time was up.
struct abandonment {
    std::vector<std::string> running; ///< workers whose callbacks still run
    std::vector<place_count> places;  ///< where the messages were
};

/// What the conductor asks of a pipeline that ends.
class drainable {
  public:
    virtual ~drainable() = default;
    virtual void drain_sources() = 0;
    [[nodiscard]] virtual terminator::observation observe() const = 0;
    [[nodiscard]] virtual tally settled() const = 0;
    virtual void flush() = 0;

    /// Settles everything that is left as abandoned.
    [[nodiscard]] virtual abandonment abandon() = 0;

    virtual void close(time_point deadline) = 0;

  protected:
    drainable() = default;
    drainable(const drainable&) = default;
    drainable& operator=(const drainable&) = default;
};

/// Keeps the time of a pipeline's parts, ends the pipeline when asked to, and is the place where others wait
/// for that. A thread of its own does it, or, on virtual time, whoever calls `step`. Thread-safe but for
/// `step`.
class conductor {
  public:
    conductor(drainable& pipeline, control& shared, const time_source& time);
    conductor(const conductor&) = delete;
    conductor& operator=(const conductor&) = delete;

    /// What has something to do at certain times; before the start.
    [[nodiscard]] engine::agenda& agenda() noexcept { return agenda_; }

    /// All workers run; from now on a request is served, by a thread.
    void start();

    /// Instead of `start`: from now on `step` serves requests.
    void start_stepped() { enter(pipeline::state::running); }

    /// Does what is to be done now; whether there was anything.
    bool step();

    /// When `step` has something to do even if nothing else happens.
    [[nodiscard]] std::optional<time_point> due() const;

    /// The earliest deadline counts. The first reason counts; one that is no error is an orderly stop.
    void request(std::chrono::milliseconds limit, const error& reason = {});

    /// Ends the pipeline in an orderly way when everything has got its verdict, however long that takes;
    /// unless a deadline is set meanwhile.
    void request_end();

    /// Why the pipeline ends; no error for an orderly stop.
    [[nodiscard]] error reason() const;

    /// Blocks until the pipeline has ended.
    [[nodiscard]] stop_report wait();
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit);
    [[nodiscard]] bool has_ended() const;

    void join();

    [[nodiscard]] pipeline::state state() const noexcept { return state_.load(); }

  private:
    enum class phase : std::uint8_t { running, draining, abandoning, ended };

    void run() noexcept;
    bool begin_drain(time_point now);
    bool drain(time_point now);
    bool await_settlers(time_point now);
    void finish(bool drained);
    void enter(pipeline::state s);

    drainable& pipeline_;
    control& shared_;
    const time_source& time_;
    engine::agenda agenda_;
    std::atomic<pipeline::state> state_{pipeline::state::starting};
    // Of the thread, or of the caller of `step`.
    phase phase_{phase::running};
    std::optional<terminator> course_;
    time_point abandoned_until_{};
    tally before_;

    mutable std::mutex mutex_; // guards all below but the thread
    std::condition_variable ended_;
    std::optional<time_point> deadline_;
    stop_report report_;
    bool has_ended_{false};
    std::thread thread_;
};

} // namespace weir::pipeline::engine
