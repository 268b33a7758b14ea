#pragma once

#include <string>
#include <typeinfo>

namespace weir::pipeline {

/// A type's name as people write it.
[[nodiscard]] std::string readable_name(const std::type_info& type);

} // namespace weir::pipeline
