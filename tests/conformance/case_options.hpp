#pragma once

#include "case.hpp"

#include <weir/mqtt/options.hpp>

#include <cstddef>

namespace weir::conformance {

/// What a client is made with.
struct setup {
    mqtt::client_options options{};
    std::size_t demand{0}; ///< messages the application is ready to take from the start
};

/// What a case asks for, in those of its version only. Beside the client's own options, under their names:
/// `demand`, endless when not given; `exchanges`, see `exchanges_of`; and of a `scram`, `username`,
/// `password` and one of `nonces` for each exchange.
[[nodiscard]] setup setup_of(const test_case& c);

} // namespace weir::conformance
