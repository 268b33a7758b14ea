#pragma once

#include <weir/base/bytes.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::mqtt {

/// The 27 properties of MQTT 5.0 [2.2.2.2] under the standard's names.
enum class property_id : std::uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0B,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1A,
    server_reference = 0x1C,
    reason_string = 0x1F,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifiers_available = 0x29,
    shared_subscription_available = 0x2A,
};

/// "session_expiry_interval" and so on; "unknown" for an id not in the table.
[[nodiscard]] std::string_view to_string(property_id id) noexcept;

/// A User Property: name and value.
using string_pair = std::pair<bytes, bytes>;

/// One property as it stands on the wire. Byte, Two Byte, Four Byte and Variable Byte Integers are all held
/// as `std::uint32_t`; strings and binary data as slices of the packet they came in.
struct property {
    property_id id;
    std::variant<std::uint32_t, bytes, string_pair> value;

    friend bool operator==(const property&, const property&) = default;
};

/// The properties of a packet, in wire order. Empty (and without allocation) on MQTT 3.x.
class properties {
  public:
    properties() = default;

    properties(std::initializer_list<property> list)
        : list_(list) {}

    /// First value of a number property, or nothing.
    [[nodiscard]] std::optional<std::uint32_t> number(property_id id) const noexcept;

    /// First value of a string or binary property, or nothing. Valid as long as this object.
    [[nodiscard]] std::optional<std::string_view> text(property_id id) const noexcept;

    /// First User Property of that name, or nothing.
    [[nodiscard]] std::optional<std::string_view> user_property(std::string_view name) const noexcept;

    /// Replaces a single-value property or appends it; the value is copied.
    properties& set(property_id id, std::uint32_t value);
    properties& set(property_id id, std::string_view value);

    /// Appends a User Property; names may repeat and order is kept [MQTT-3.1.2.11.8].
    properties& add_user_property(std::string_view name, std::string_view value);

    /// Appends as is; what the decoder uses.
    void append(property p) { list_.push_back(std::move(p)); }

    /// Removes every property of that id.
    void remove(property_id id);

    [[nodiscard]] auto begin() const noexcept { return list_.begin(); }

    [[nodiscard]] auto end() const noexcept { return list_.end(); }

    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }

    void clear() noexcept { list_.clear(); }

    friend bool operator==(const properties&, const properties&) = default;

  private:
    std::vector<property> list_;
};

} // namespace weir::mqtt
