#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace weir::mqtt {
struct publish;
}

namespace weir::connector {

/// Where a message has a key of the application's own, the same whenever its publisher sends it again: the
/// one thing that tells a repetition of the publisher's from a new message, and a repetition of QoS 1 across
/// sessions. At most one of the three. A message without a key, or with an empty one, is unlike any other.
struct idempotency_options {
    std::string user_property{};  ///< the first User Property of this name; v5
    bool correlation_data{false}; ///< the Correlation Data; v5
    /// Called on the connection's thread for each message: it should be quick. What it throws is logged, and
    /// the message has no key.
    std::function<std::string(const mqtt::publish&)> function{};

    /// How many keys are remembered at most, with `config.store.path` beyond the process. What comes with one
    /// is not processed: it is acknowledged with the message that came before, or at once after it. 0: none.
    std::size_t entries{0};
    std::chrono::milliseconds ttl{600'000}; ///< how long one is remembered, >= 1 ms
};

[[nodiscard]] inline bool has_key(const idempotency_options& o) {
    return !o.user_property.empty() || o.correlation_data || o.function;
}

} // namespace weir::connector
