#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/types/property.hpp>

#include <array>
#include <cstddef>

namespace weir::mqtt {

/// What a message is recognised by when the server sends it again: SHA-256 over its topic, payload and
/// properties.
using fingerprint = std::array<std::byte, 32>;

/// `topic` with its alias resolved. Left out are the properties that may differ between two sendings of one
/// message: Topic Alias, Message Expiry Interval, Subscription Identifier.
[[nodiscard]] fingerprint make_fingerprint(const bytes& topic, const bytes& payload, const properties& props);

/// Whether two messages have the same fingerprint, found without computing one.
[[nodiscard]] bool same_lasting_properties(const properties& a, const properties& b);

} // namespace weir::mqtt
