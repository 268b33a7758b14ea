#include "session/server_limits.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/types/errc.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <string>

namespace weir::mqtt {
namespace {

/// No PUBLISH without properties is larger; saves the exact computation for nearly all.
std::size_t largest_size(const publish& p) {
    constexpr std::size_t fixed_header_lengths_id_and_property_length = 5 + 2 + 2 + 1;
    return fixed_header_lengths_id_and_property_length + p.topic.size() + p.payload.size();
}

} // namespace

server_limits server_limits::of(const connected& c) noexcept {
    return {
        .receive_maximum = c.receive_maximum,
        .maximum_packet_size = c.maximum_packet_size,
        .topic_alias_maximum = c.topic_alias_maximum,
        .maximum_qos = c.maximum_qos,
        .retain_available = c.retain_available,
        .wildcard_subscription_available = c.wildcard_subscription_available,
        .subscription_identifiers_available = c.subscription_identifiers_available,
        .shared_subscription_available = c.shared_subscription_available,
    };
}

std::optional<error> server_limits::refuse(const publish& p, protocol_version version) const {
    if (p.qos > maximum_qos)
        return error{
            errc::qos_not_supported, "QoS " + std::to_string(static_cast<int>(p.qos)) +
                                         ", the server takes at most " +
                                         std::to_string(static_cast<int>(maximum_qos))};
    if (p.retain && !retain_available)
        return error{errc::retain_not_supported, "the server keeps no retained messages"};
    if (p.props.empty() && largest_size(p) <= maximum_packet_size) return std::nullopt;
    return refuse_size(encoded_size(p, version));
}

std::optional<error> server_limits::refuse(
    std::span<const subscription> list, const properties& props) const {
    if (!subscription_identifiers_available && props.number(property_id::subscription_identifier))
        return error{errc::subid_not_supported, "the server has no subscription identifiers"};
    for (const subscription& s : list) {
        if (!shared_subscription_available && is_shared(s.filter))
            return error{errc::shared_not_supported, s.filter};
        if (!wildcard_subscription_available && s.filter.find_first_of("+#") != std::string::npos)
            return error{errc::wildcard_not_supported, s.filter};
    }
    return std::nullopt;
}

std::optional<error> server_limits::refuse_size(std::size_t size) const {
    if (size <= maximum_packet_size) return std::nullopt;
    return error{
        errc::packet_too_large,
        std::to_string(size) + " bytes, the server takes at most " + std::to_string(maximum_packet_size)};
}

} // namespace weir::mqtt
