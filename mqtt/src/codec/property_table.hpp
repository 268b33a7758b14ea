#pragma once

#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/peer.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/reason_code.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::mqtt {

/// Where properties stand: a packet, or the will inside CONNECT. Values are those of `packet_type`; the will
/// takes the unused 0.
enum class property_place : std::uint8_t { will = 0 };

[[nodiscard]] constexpr property_place place_of(packet_type type) noexcept {
    return static_cast<property_place>(type);
}

/// "will", or the name of the packet.
[[nodiscard]] std::string_view to_string(property_place place) noexcept;

enum class property_type : std::uint8_t { byte, two_byte, four_byte, variable, string, binary, name_value };

/// One row of the table of properties [MQTT 5.0, 2.2.2.2].
struct property_rule {
    property_type type{};
    std::uint16_t repeatable{0}; ///< bits of the places where it may stand more than once
    std::uint32_t min{0};        ///< of a number
    std::uint32_t max{0};
    std::uint16_t from_client{0}; ///< bits of the places where a client may send it
    std::uint16_t from_server{0};

    [[nodiscard]] bool known_in(property_place place) const noexcept {
        return ((from_client | from_server) >> static_cast<unsigned>(place) & 1u) != 0;
    }

    [[nodiscard]] bool allowed_in(property_place place, peer sender) const noexcept {
        const unsigned places = sender == peer::client ? from_client : from_server;
        return (places >> static_cast<unsigned>(place) & 1u) != 0;
    }

    [[nodiscard]] bool repeatable_in(property_place place) const noexcept {
        return (repeatable >> static_cast<unsigned>(place) & 1u) != 0;
    }
};

/// The row of an id, or null when the standard has no such property.
[[nodiscard]] const property_rule* find_rule(std::uint32_t id) noexcept;

/// A rule that was broken: the code to tell the peer and a text.
struct property_fault {
    reason_code code{};
    std::string text;
};

/// Whether the property may stand in `place` when `sender` sends it.
[[nodiscard]] std::optional<property_fault> check_place(
    property_id id, const property_rule& rule, property_place place, peer sender);

/// Whether a value is in range; the value is of the rule's type.
[[nodiscard]] std::optional<property_fault> check_value(const property& p, const property_rule& rule);

/// Which single-value properties a packet has had so far.
class property_set {
  public:
    /// False when the property is there already.
    [[nodiscard]] bool add(property_id id) noexcept {
        const auto bit = std::uint64_t{1} << static_cast<unsigned>(id);
        const bool fresh = (seen_ & bit) == 0;
        seen_ |= bit;
        return fresh;
    }

    [[nodiscard]] bool has(property_id id) const noexcept {
        return (seen_ >> static_cast<unsigned>(id) & 1u) != 0;
    }

  private:
    std::uint64_t seen_{0}; // every id of the standard is below 64
};

} // namespace weir::mqtt
