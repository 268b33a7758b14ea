#pragma once

#include <weir/mqtt/options.hpp>

namespace weir::mqtt {

/// `options` where each that is at its default takes the value that `props` gives for the same thing, so that
/// the property is not only sent but kept to.
[[nodiscard]] client_options options_in_force(client_options options);

} // namespace weir::mqtt
