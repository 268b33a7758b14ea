#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What an owner may want to know though nothing follows from it: each is an `event` of its own.
namespace weir::mqtt {

/// The next attempt uses an older version (option `proto_fallback`), because the server refused this one or
/// closed instead of answering its CONNECT.
struct version_fallback {
    protocol_version from{protocol_version::v5};
    protocol_version to{protocol_version::v4};
    std::string lost{}; ///< options that have no effect any more, by name; empty when none was used

    friend bool operator==(const version_fallback&, const version_fallback&) = default;
};

/// The server keeps the session for a shorter time than was asked for [MQTT 5.0, 3.2.2.3.2]. In seconds.
struct session_expiry_lowered {
    std::uint32_t asked{0};
    std::uint32_t granted{0};

    friend bool operator==(const session_expiry_lowered&, const session_expiry_lowered&) = default;
};

/// A subscription was granted with a lower QoS than was asked for [MQTT 5.0, 3.9.3].
struct granted_lower {
    std::string filter{};
    qos asked{qos::at_most_once};
    qos granted{qos::at_most_once};

    friend bool operator==(const granted_lower&, const granted_lower&) = default;
};

/// A message above `maximum_packet_size` was read past, with `oversize::discard`.
struct discarded {
    std::string topic{};
    std::uint32_t size{0}; ///< of the whole packet
    qos level{qos::at_most_once};

    friend bool operator==(const discarded&, const discarded&) = default;
};

/// A QoS 1 or 2 publish has been without an answer for `retry_interval`, once more. On MQTT 5.0 nothing is
/// sent again on a live connection [MQTT-4.4.0-1].
struct ack_overdue {
    std::uint64_t operation{0}; ///< 0 when nobody waits for its outcome any more
    std::uint16_t packet_id{0};

    friend bool operator==(const ack_overdue&, const ack_overdue&) = default;
};

/// A publish of QoS 1 or 2 is in the session store: it will be sent even if the process ends now.
struct publish_stored {
    std::uint64_t operation{0};

    friend bool operator==(const publish_stored&, const publish_stored&) = default;
};

/// The session store cannot be written: publishes of QoS 1 and 2 fail with this error and acknowledgements
/// that depend on the store wait, until it can. Or, without an error: it can again.
struct store_trouble {
    error reason{};

    friend bool operator==(const store_trouble&, const store_trouble&) = default;
};

/// The session store was read, before anything else is told. With the number of a stored message
/// (`message_received::stored`) its name is the same in every process, and no other message ever has it; a
/// damaged store that was repaired has a new name.
struct store_opened {
    std::string uuid{};     ///< the store's own name; empty when a store of the application's has none
    std::uint64_t first{0}; ///< the lowest number that may still be handed out

    friend bool operator==(const store_opened&, const store_opened&) = default;
};

/// The application is done with these stored messages, and the store has forgotten them: they are never
/// handed out again. In the order in which they were acknowledged.
struct stored_done {
    std::vector<std::uint64_t> numbers{};

    friend bool operator==(const stored_done&, const stored_done&) = default;
};

} // namespace weir::mqtt
