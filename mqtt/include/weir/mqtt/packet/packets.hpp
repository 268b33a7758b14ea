#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/protocol_version.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/mqtt/types/reason_code.hpp>
#include <weir/mqtt/types/subscription.hpp>
#include <weir/mqtt/types/will.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The control packets as plain values, under the names and with the fields of the standard [MQTT 5.0, 3].
/// `props` stays empty on MQTT 3.x.
namespace weir::mqtt {

struct connect {
    protocol_version version{protocol_version::v5};
    bool bridge_mode{false}; ///< bit 7 of the protocol level, 3.x only
    bool clean_start{true};
    std::uint16_t keep_alive{60}; ///< seconds, 0 = off
    std::string client_id{};
    std::optional<mqtt::will> will{};
    std::optional<std::string> username{};
    std::optional<std::string> password{};
    properties props{};

    friend bool operator==(const connect&, const connect&) = default;
};

struct connack {
    bool session_present{false};
    std::uint8_t code{0}; ///< `reason_code` on v5, `connect_return_code` on 3.x
    properties props{};

    friend bool operator==(const connack&, const connack&) = default;
};

/// `topic` and `payload` are slices of the block the packet was read into; nothing is copied.
struct publish {
    bytes topic{};
    bytes payload{};
    mqtt::qos qos{mqtt::qos::at_most_once};
    bool retain{false};
    bool dup{false};
    std::uint16_t packet_id{0}; ///< 0 at QoS 0
    properties props{};

    friend bool operator==(const publish&, const publish&) = default;
};

enum class ack_type : std::uint8_t { puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7 };

/// PUBACK, PUBREC, PUBREL and PUBCOMP share their form.
struct ack {
    ack_type type{ack_type::puback};
    std::uint16_t packet_id{0};
    reason_code code{reason_code::success};
    properties props{};

    friend bool operator==(const ack&, const ack&) = default;
};

struct subscribe {
    std::uint16_t packet_id{0};
    std::vector<subscription> subscriptions{};
    properties props{};

    friend bool operator==(const subscribe&, const subscribe&) = default;
};

struct suback {
    std::uint16_t packet_id{0};
    std::vector<reason_code> codes{};
    properties props{};

    friend bool operator==(const suback&, const suback&) = default;
};

struct unsubscribe {
    std::uint16_t packet_id{0};
    std::vector<std::string> filters{};
    properties props{};

    friend bool operator==(const unsubscribe&, const unsubscribe&) = default;
};

struct unsuback {
    std::uint16_t packet_id{0};
    std::vector<reason_code> codes{}; ///< empty on 3.x, where the packet carries none
    properties props{};

    friend bool operator==(const unsuback&, const unsuback&) = default;
};

struct pingreq {
    friend bool operator==(const pingreq&, const pingreq&) = default;
};

struct pingresp {
    friend bool operator==(const pingresp&, const pingresp&) = default;
};

struct disconnect {
    reason_code code{reason_code::normal_disconnection};
    properties props{};

    friend bool operator==(const disconnect&, const disconnect&) = default;
};

struct auth {
    reason_code code{reason_code::success};
    properties props{};

    friend bool operator==(const auth&, const auth&) = default;
};

using packet = std::variant<
    publish, ack, connect, connack, subscribe, suback, unsubscribe, unsuback, pingreq, pingresp, disconnect,
    auth>;

} // namespace weir::mqtt
