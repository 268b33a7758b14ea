#pragma once

#include "inbound_record.hpp"

#include <weir/connector/options.hpp>
#include <weir/mqtt/session/session.hpp>

#include <string>
#include <string_view>

namespace weir::connector {

/// What is published in place of the message of `record`, which failed with `reason`, on that version.
[[nodiscard]] mqtt::outgoing make_dead_letter(
    const producer_options& o, const inbound_record& record, mqtt::protocol_version version,
    std::string_view client_id, std::string_view reason);

/// The topic for a message of `topic`, received by `client_id`.
[[nodiscard]] std::string dead_letter_topic_for(
    std::string_view pattern, std::string_view topic, std::string_view client_id);

} // namespace weir::connector
