#pragma once

#include <weir/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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
    std::uint64_t dropped{0};       ///< of those that succeeded: dropped by the decoder, `weir::drop`
    std::uint64_t expired{0};       ///< not delivered, for their time had passed
    std::uint64_t unmatched{0};     ///< not delivered, for no filter selected them
    std::uint64_t copies{0};        ///< not delivered: copies of others, by `idempotency_key` and `overlap`
    std::uint64_t duplicates{0};   ///< repetitions by the broker that were recognised and not processed again
    std::uint64_t qos0_dropped{0}; ///< QoS 0 messages that ended without success: dropped, failed, abandoned
    std::uint64_t qos0_overflowed{0}; ///< of those: dropped by the full QoS 0 buffer
    std::uint64_t qos0_drained{0};    ///< of those: came while the pipeline drained
    std::uint64_t oversized{0};       ///< above `config.maximum_packet_size` and read past
    std::uint64_t misdeclared{0};     ///< refused by `config.validate_payload_format`
    std::uint64_t stale_acks{0};      ///< acks of sessions that were lost
    std::uint64_t connects{0};        ///< connections that came up
    std::uint64_t reconnects{0};      ///< of those: after the first of their producer
    std::size_t connected{0};         ///< connections that are up now
    std::size_t qos0_waiting{0};      ///< received and not yet asked for by the pipeline
    std::size_t window_used{0};       ///< QoS 1/2 messages received and not yet acknowledged
    std::size_t acks_held{0};         ///< decided, and waiting for those before them
    std::size_t unacknowledged{0};    ///< QoS 1/2 messages received that the broker has, too
    std::size_t deferred{0};          ///< passed over on this connection
    std::uint64_t store_records{0};   ///< in the session stores
    std::uint64_t store_bytes{0};     ///< in use there
    duration oldest_unfinished{}; ///< age of the oldest QoS 1/2 message in the pipeline, to about a second
    latency_stats latency{};
};

/// Of QoS 0 messages that ended without success.
struct filter_drops {
    std::string filter{}; ///< the first one configured that selects their topic; empty: none does
    std::uint64_t count{0};
};

/// What one connection of a pipeline has counted.
struct connection_stats {
    std::size_t producer_index{0};
    std::string client_id{};
    std::size_t window{0}; ///< messages of QoS 1 and 2 it takes before one is acknowledged; 0: no such filter
    connector::stats stats{};                 ///< but for `latency`, which is measured for the whole pipeline
    std::vector<filter_drops> qos0_dropped{}; ///< for each filter, in their order
};

/// Reads what a pipeline counts, connection by connection, wherever the pipeline's handle goes. Does not keep
/// the pipeline alive. Thread-safe.
class stats_reader {
  public:
    stats_reader(std::string pipeline, std::weak_ptr<const mqtt_source> source);

    [[nodiscard]] const std::string& pipeline() const noexcept { return pipeline_; }

    /// In the order of the producers; nothing once the pipeline's handle is gone.
    [[nodiscard]] std::vector<connection_stats> read() const;

  private:
    std::string pipeline_;
    std::weak_ptr<const mqtt_source> source_;
};

} // namespace weir::connector
