#pragma once

#include <weir/pipeline/acknowledger.hpp>

namespace weir::pipeline {

/// For messages whose outcome nobody wants to know: tells nobody. One for all, lives as long as the process.
[[nodiscard]] acknowledger& noop_acknowledger() noexcept;

} // namespace weir::pipeline
