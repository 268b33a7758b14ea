#pragma once

#include <weir/connector/options.hpp>

#include <cstddef>
#include <string>

namespace weir::connector {

/// How many bytes the connections of a pipeline hold at most, all of them together, whatever a broker sends
/// and however long a handler takes. What handlers make of messages is theirs, and so are messages of QoS 0
/// that they have in hand. Logged at start.
struct memory_bounds {
    std::size_t window{0}; ///< QoS 1 and 2 messages in the pipeline: `max_inflight`, `config.receive_bytes`
    std::size_t read_ahead{0};   ///< received beyond that, and a packet of which a part is here
    std::size_t qos0_queue{0};   ///< `config.qos0_buffer_messages`, `config.qos0_buffer_bytes`
    std::size_t store{0};        ///< what the session store has in memory
    std::size_t copies{0};       ///< to recognise copies by: `idempotency_key`, `overlap`
    std::size_t dead_letters{0}; ///< that wait for their own connection: `config.send_queue_bytes`
    std::size_t bookkeeping{0};  ///< records of messages, acknowledgements that are held, timers
    std::size_t buffers{0};      ///< what sockets are read into, where small messages may hold large blocks

    [[nodiscard]] std::size_t sum() const noexcept {
        return window + read_ahead + qos0_queue + store + copies + dead_letters + bookkeeping + buffers;
    }

    friend bool operator==(const memory_bounds&, const memory_bounds&) = default;
};

/// `o` must be `effective`.
[[nodiscard]] memory_bounds memory(const options& o);

/// "at most 187.3 MiB for 2 connections: window 128.0, ..."; `o` must be `effective`.
[[nodiscard]] std::string memory_line(const options& o);

} // namespace weir::connector
