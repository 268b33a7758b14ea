#pragma once

#include "inbound_record.hpp"
#include "producer_context.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::connector {

/// What follows one failure of a message.
struct failure_step {
    enum class kind : std::uint8_t { again, ack, reject, dead_letter, hold, stop };
    kind what{kind::again};
    std::optional<std::chrono::milliseconds> delay{}; ///< with again: in place of the backoff
    mqtt::reason_code code{};                         ///< with reject
};

/// What policy and number of attempts make of it. On the worker; asks the application's function.
[[nodiscard]] failure_step next_step(
    const producer_context& context, const inbound_record& record, std::string_view reason);

} // namespace weir::connector
