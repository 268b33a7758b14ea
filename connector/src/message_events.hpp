#pragma once

#include "inbound_record.hpp"

#include <weir/connector/events.hpp>

namespace weir::connector {

[[nodiscard]] inline events::message_info info_of(const inbound_record& r) noexcept {
    return {
        .topic = r.received.topic.text(),
        .qos = r.received.qos,
        .packet_id = r.received.packet_id,
        .message_no = r.message_no,
        .dup = r.received.dup};
}

} // namespace weir::connector
