#pragma once

#include "mqtt_producer.hpp"
#include "readiness.hpp"

#include <weir/base/histogram.hpp>
#include <weir/base/telemetry.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/connector/options.hpp>
#include <weir/connector/running.hpp>
#include <weir/mqtt/io_lane.hpp>
#include <weir/pipeline/producer.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::connector {

/// All connections of one pipeline, with the threads they live on: a lane for each connection up to the
/// number of processor cores, since one lane keeps one core busy at most and connections share nothing else.
class mqtt_source {
  public:
    /// `o` must be `effective` and free of faults. No I/O happens yet.
    explicit mqtt_source(const options& o);

    [[nodiscard]] std::vector<std::shared_ptr<pipeline::producer<inbound>>> producers() const;

    [[nodiscard]] result<void> wait_until_ready(std::chrono::milliseconds limit) {
        return ready_.wait(limit);
    }

    [[nodiscard]] connector::stats stats() const;
    [[nodiscard]] std::vector<connection_stats> each() const;

    /// What is left for the pipeline to drain when a stop may take `limit` in all.
    [[nodiscard]] std::chrono::milliseconds drain_time(std::chrono::milliseconds limit) const noexcept;

  private:
    [[nodiscard]] std::shared_ptr<mqtt_producer> make_producer(const options& o, std::size_t index);

    void stop_all(time_point deadline);

    std::once_flag stopped_;
    readiness ready_;
    histogram latency_; ///< microseconds
    std::chrono::milliseconds drain_timeout_;
    std::chrono::milliseconds shutdown_;
    std::vector<std::unique_ptr<mqtt::io_lane>> lanes_;
    std::vector<std::shared_ptr<mqtt_producer>> producers_; ///< after the lanes: it goes first
};

} // namespace weir::connector
