#pragma once

#include "case.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What the values in a case mean.
namespace weir::conformance {

/// The error of that name; throws when there is none.
[[nodiscard]] mqtt::errc error_named(const std::string& name);

/// One byte, in hex.
[[nodiscard]] mqtt::reason_code code_of(const json& hex);

/// `properties` of `given`, none when it has none: a list of [name, value], where the name is the standard's
/// and the value a number or a text; of a User Property [name, key, value].
[[nodiscard]] mqtt::properties properties_of(const json& given);

[[nodiscard]] mqtt::outgoing outgoing_of(const json& given);

[[nodiscard]] std::vector<mqtt::subscription> subscriptions_of(const json& given);

/// `type` by name, `id`, `code`.
[[nodiscard]] mqtt::ack ack_of(const json& given);

} // namespace weir::conformance
