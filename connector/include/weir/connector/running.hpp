#pragma once

#include <weir/connector/inbound.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::connector {

class mqtt_source;

/// Time from a message's arrival to its settlement, in microseconds; over all messages since the start.
struct latency_stats {
    std::uint64_t p50_us{0};
    std::uint64_t p90_us{0};
    std::uint64_t p99_us{0};
    std::uint64_t max_us{0};
};

/// Sums over all connections of a pipeline since its start.
struct stats {
    std::uint64_t received{0};      ///< messages delivered by the broker, repetitions left out
    std::uint64_t delivered{0};     ///< handed to the pipeline, local redeliveries included
    std::uint64_t acked{0};         ///< acknowledged to the broker: PUBACK or PUBREC written
    std::uint64_t succeeded{0};     ///< settled as successful
    std::uint64_t failed{0};        ///< settled as failed, each attempt counted
    std::uint64_t redelivered{0};   ///< brought again by the connector
    std::uint64_t acked_failed{0};  ///< acknowledged although failed
    std::uint64_t rejected{0};      ///< acknowledged with a reason code of failure
    std::uint64_t dead_lettered{0}; ///< published to the topic for dead letters
    std::uint64_t held{0};          ///< left unacknowledged after their last attempt
    std::uint64_t expired{0};       ///< not delivered, for their time had passed
    std::uint64_t unmatched{0};     ///< not delivered, for no filter selected them
    std::uint64_t copies{0};        ///< not delivered: copies of others, by `idempotency_key` and `overlap`
    std::uint64_t duplicates{0};   ///< repetitions by the broker that were recognised and not processed again
    std::uint64_t qos0_dropped{0}; ///< QoS 0 messages that ended without success: dropped, failed, abandoned
    std::uint64_t stale_acks{0};   ///< acks of sessions that were lost
    std::uint64_t connects{0};     ///< connections that came up
    std::size_t connected{0};      ///< connections that are up now
    std::size_t qos0_waiting{0};   ///< received and not yet asked for by the pipeline
    std::size_t window_used{0};    ///< QoS 1/2 messages received and not yet acknowledged
    std::size_t acks_held{0};      ///< decided, and waiting for those before them
    std::size_t deferred{0};       ///< passed over on this connection
    duration oldest_unfinished{};  ///< age of the oldest QoS 1/2 message in the pipeline, to about a second
    latency_stats latency{};
};

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

  private:
    std::shared_ptr<mqtt_source> source_;
    pipeline::running_pipeline pipeline_;
};

} // namespace weir::connector
