#pragma once

#include "engine/admission.hpp"
#include "engine/batch_processor.hpp"
#include "engine/batch_retries.hpp"
#include "engine/batcher_stage.hpp"
#include "engine/conductor.hpp"
#include "engine/control.hpp"
#include "engine/crew.hpp"
#include "engine/drain_progress.hpp"
#include "engine/lane_queue.hpp"
#include "engine/ledger.hpp"
#include "engine/ledger_lanes.hpp"
#include "engine/processor.hpp"
#include "engine/rejects.hpp"
#include "engine/restarter.hpp"
#include "engine/retry_store.hpp"
#include "engine/shared_queue.hpp"
#include "engine/stage_meters.hpp"
#include "engine/starvation.hpp"
#include "engine/watchdog.hpp"
#include "engine/work_queue.hpp"
#include "registry.hpp"
#include "stage/router.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/launch.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace weir::pipeline {

/// The stages of one pipeline and how they hang together: built from options, started from the source to the
/// sink, ended by its conductor. Thread-safe once `start` has returned.
class topology final : private engine::source_services, private engine::drainable {
  public:
    struct parts {
        std::unique_ptr<engine::stage_ops> stages;
        std::vector<std::unique_ptr<engine::source>> sources;
        std::shared_ptr<telemetry> bus;
        std::vector<std::shared_ptr<component>> components;
        engine::execution how;
    };

    /// `o` holds effective values. Throws when the name is taken.
    topology(options o, parts p);
    ~topology() override;

    /// Throws what kept it from starting; then nothing runs any more.
    void start();

    /// On virtual time: does one piece of work if there is one to be done now.
    bool step();

    /// On virtual time: when there is something to do even if nothing else happens.
    [[nodiscard]] std::optional<time_point> due() const;

    /// On virtual time, steps until the pipeline has ended and lets time pass as far as that takes; else does
    /// nothing. Throws `std::logic_error` when it waits for something that time does not bring.
    void drive_to_end();

    [[nodiscard]] engine::conductor& ending() noexcept { return conductor_; }

    [[nodiscard]] const engine::conductor& ending() const noexcept { return conductor_; }

    [[nodiscard]] engine::admission& intake() noexcept { return admission_; }

    [[nodiscard]] const options& configuration() const noexcept { return options_; }

    [[nodiscard]] pipeline::snapshot look() const;
    [[nodiscard]] topology_description describe() const;
    [[nodiscard]] std::vector<std::string> producer_names() const;

    /// As `running_pipeline::stop`.
    stop_report stop(std::chrono::milliseconds limit);

    // As in `running_pipeline`.
    result<std::size_t> set_processors(std::size_t count);
    result<std::size_t> set_batch_processors(std::string_view batcher, std::size_t count);

    [[nodiscard]] std::size_t processors() const { return crews_.front()->size(); }

    [[nodiscard]] std::size_t batch_processors(std::string_view batcher) const;

    /// As `running_pipeline::push`.
    result<std::size_t> push(const std::type_info& type, void* entries, std::size_t count);

    /// Whether the calling thread runs one of this pipeline's callbacks.
    [[nodiscard]] bool inside_callback() const noexcept;

  private:
    void build_batchers();
    result<std::size_t> set_batch_processors(const batcher_options& o, engine::crew& crew, std::size_t count);
    void change_demand(std::size_t before, std::size_t now);
    [[nodiscard]] std::unique_ptr<engine::work_queue> make_queue();
    [[nodiscard]] std::unique_ptr<engine::crew> make_processors();
    [[nodiscard]] std::unique_ptr<engine::crew> make_batch_processors(
        engine::batcher_stage& batcher, engine::batch_retries& again);
    [[nodiscard]] std::vector<std::shared_ptr<engine::worker>> everyone() const;
    void limit_time();
    void start_stages();
    void start_sources();
    void stop_components(time_point deadline) noexcept;
    void warn() const;

    [[nodiscard]] bool stepped() const noexcept { return parts_.how.time != nullptr; }

    void tear_down();
    [[nodiscard]] std::size_t source_lane(const engine::source& s) const noexcept;
    [[nodiscard]] std::size_t conductor_lane() const noexcept;
    [[nodiscard]] std::size_t credit_per_source() const;
    [[nodiscard]] std::size_t message_bound() const;
    [[nodiscard]] std::size_t open_bound_of(const engine::batcher_stage& b) const;
    [[nodiscard]] std::size_t batcher_bound(const engine::batcher_stage& b) const;
    void report_lost(std::size_t producer, std::size_t count, std::string_view reason);

    void accepted(engine::source& from, std::size_t count, std::size_t windowed) noexcept override;
    [[nodiscard]] std::size_t chunk_length(std::size_t count) const noexcept override;
    void push(std::unique_ptr<engine::raw_run> chunk) noexcept override;
    void pushed() noexcept override;
    void abandon(
        engine::source& from, std::span<const engine::obligation> lost, std::string_view reason) override;
    void drained(engine::source& which) noexcept override;
    void failed(engine::source& which, const error& reason) noexcept override;
    void stopped(engine::source& which, const error& reason, std::optional<duration> restart_after) override;
    void finished(engine::source& which) noexcept override;
    void told_to_pause(engine::source& which, bool paused) override;

    void drain_sources() override;
    [[nodiscard]] terminator::observation observe() const override;
    [[nodiscard]] engine::tally settled() const override;
    void flush() override;
    [[nodiscard]] engine::abandonment abandon() override;
    void close(time_point deadline) override;

    options options_;
    registered_name registration_;
    parts parts_;
    const time_source& time_;
    engine::control control_;
    engine::ledger ledger_;
    engine::ledger_lanes lanes_;
    engine::rejects rejects_;
    std::unique_ptr<engine::work_queue> queue_;
    engine::retry_store retries_;
    router routes_;
    std::vector<std::unique_ptr<engine::batcher_stage>> batchers_;
    std::vector<std::unique_ptr<engine::batch_retries>> batch_retries_; // of each of these
    engine::starvation starvation_;
    engine::admission admission_;
    std::mutex resizing_;
    std::vector<std::unique_ptr<engine::stage_meters>> meters_; // as the crews
    std::vector<std::unique_ptr<engine::crew>> crews_;          // the processors, then those of each batcher
    std::atomic<std::size_t> sources_drained_{0};
    std::atomic<std::size_t> sources_finished_{0};
    std::atomic<bool> sources_drain_{false};
    std::size_t components_started_{0};
    std::atomic<duration::rep> lost_logged_{0};
    std::atomic<std::size_t> lost_unlogged_{0};
    std::minstd_rand order_; // on virtual time: who is next
    std::atomic<std::uint64_t> next_push_;
    engine::drain_progress drain_progress_;
    std::vector<std::unique_ptr<engine::watchdog>> watchdogs_;
    engine::conductor conductor_;
    engine::restarter restarter_;
};

} // namespace weir::pipeline
