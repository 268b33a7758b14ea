#pragma once

#include "case.hpp"

#include <weir/mqtt/auth/authenticator.hpp>

namespace weir::conformance {

/// Enhanced authentication as written: of `list` each exchange takes the next entry, and the last one again
/// and again: `method`; `start`, the data of CONNECT, and `answers`, those of the steps, in hex; `refuses`:
/// the step ("start", "step", "finish") at which the application is not content.
[[nodiscard]] mqtt::authenticator_factory exchanges_of(const json& list);

/// SCRAM with `method`, `username`, `password` and, for each exchange, the next of `nonces`.
[[nodiscard]] mqtt::authenticator_factory scram_of(const json& given);

} // namespace weir::conformance
