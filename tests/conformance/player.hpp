#pragma once

#include "case.hpp"
#include "subject.hpp"

#include <weir/mqtt/options.hpp>

namespace weir::conformance {

/// The options a case asks for, those of its version only.
[[nodiscard]] mqtt::client_options options_of(const test_case& c);

/// Plays `c` against `s`; throws `failure`, naming connection and step, when something else happens than
/// the case says.
void play(const test_case& c, subject& s);

} // namespace weir::conformance
