#pragma once

#include <weir/mqtt/types/property.hpp>

#include <string>

namespace weir::mqtt {

/// For an error message: "receive_maximum 0, user_property "a" "b"", cut where it gets long. Authentication
/// data are not shown.
[[nodiscard]] std::string show(const properties& props);

} // namespace weir::mqtt
