#pragma once

#include "conductor/audit.hpp"
#include "conductor/broker.hpp"
#include "conductor/commit_watch.hpp"
#include "conductor/consumer.hpp"
#include "conductor/consumer_config.hpp"
#include "conductor/database.hpp"
#include "conductor/display.hpp"
#include "conductor/kill_plan.hpp"
#include "conductor/workspace.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir::demo {

struct demo_options {
    double seconds{20};
    std::size_t vehicles{2'000};
    int qos{1};
    std::string version{"v5"};
    bool exactly_once{false}; ///< with QoS 2
    bool kill{false};
    bool keep{false};
    std::uint64_t seed{0};
    double drain_seconds{60};
    std::string weir{"weir"};
    std::string simulator{"weir-fleet-sim"};
    std::string mosquitto{"mosquitto"};
    std::string config{};
};

/// A part of the demo did not do what it should; the text is for a person.
class demo_failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The user asked a second time to stop: leave at once.
class interrupted : public std::exception {};

/// Runs the whole: broker, consumer, fleet; then drains, compares and reports. All it starts ends with it.
class conductor {
  public:
    explicit conductor(demo_options options);

    /// Prints as it goes. True when something was published and nothing was lost, nor, if that was promised,
    /// stored twice. Throws `demo_failure` and `interrupted`.
    bool run();

    /// Where logs and database are, and whether they stay.
    [[nodiscard]] workspace& folder() noexcept { return folder_; }

  private:
    void start_consumer();
    void start_fleet();
    void publish_phase();
    void end_fleet();
    void wait_until_stored();
    void stop_consumer();
    bool report();

    void step();
    void look_after_consumer();
    void kill_and_restart();
    void read_fleet();
    void read_new_rows();
    void show(bool even_if_just_shown);
    [[nodiscard]] live_counts counts() const;

    demo_options options_;
    workspace folder_;
    broker broker_;
    consumer_facts config_;
    consumer consumer_;
    commit_watch commits_;
    database database_;
    std::optional<child_process> fleet_;
    progress fleet_counts_;
    audit audit_;
    std::int64_t rows_read_{0};
    kill_plan kills_;
    live_table live_;
    time_point started_{};
    time_point shown_{};
    int signals_when_draining_{-1};
};

} // namespace weir::demo
