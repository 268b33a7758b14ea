#pragma once

#include <weir/connector/inbound.hpp>
#include <weir/connector/stats.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::connector {

class mqtt_source;

/// A pipeline fed from a broker, at work. Movable; the last handle to go stops it. Thread-safe.
class running {
  public:
    running(pipeline::running_pipeline p, std::shared_ptr<mqtt_source> source) noexcept;
    running(running&&) noexcept;
    running& operator=(running&&) noexcept;
    ~running();

    /// Blocks until every connection is up and subscribed. An error: a fatal one, or `limit` passed.
    result<void> wait_until_ready(std::chrono::milliseconds limit);

    /// As the members of `pipeline::running_pipeline`.
    result<pipeline::stop_report> wait();
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit);
    pipeline::stop_report stop();
    pipeline::stop_report stop(std::chrono::milliseconds limit);
    void request_stop();
    void request_stop(std::chrono::milliseconds limit);

    /// As `pipeline::running_pipeline::push`: messages of the application's own making, or of a test, go past
    /// the broker through decoder and handler. They are not acknowledged to the broker.
    result<std::size_t> push(std::span<pipeline::entry<inbound>> entries);

    // As the members of `pipeline::running_pipeline`, too. While it is paused the broker keeps what it has
    // beyond the window.
    result<void> pause();
    result<void> resume();
    [[nodiscard]] bool paused() const;
    [[nodiscard]] result<pipeline::rate_limiting_options> rate_limiting() const;
    result<void> update_rate_limiting(const pipeline::rate_limiting_change& change, bool reset = false);
    result<std::size_t> set_processors(std::size_t count);
    result<std::size_t> set_batch_processors(std::string_view batcher, std::size_t count);
    [[nodiscard]] std::size_t processors() const;
    [[nodiscard]] std::size_t batch_processors(std::string_view batcher) const;
    [[nodiscard]] result<pipeline::topology_description> describe() const;

    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] pipeline::state state() const noexcept;
    [[nodiscard]] pipeline::snapshot snapshot() const;
    [[nodiscard]] connector::stats stats() const;

    /// For who reads the same from elsewhere, such as `metrics::server`.
    [[nodiscard]] stats_reader reader() const;

  private:
    std::shared_ptr<mqtt_source> source_;
    pipeline::running_pipeline pipeline_;
};

} // namespace weir::connector
