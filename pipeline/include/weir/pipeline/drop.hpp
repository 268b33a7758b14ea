#pragma once

#include <weir/base/error.hpp>

#include <string>

namespace weir::pipeline {

/// What a decoder returns in place of data for a message that nobody needs: it ends as successful, without a
/// handler having seen it. `why` is what is told of it: `return weir::drop("no position")`.
[[nodiscard]] error drop(std::string why = {});

/// Whether that is what was returned.
[[nodiscard]] bool is_drop(const error& e) noexcept;

} // namespace weir::pipeline
