#pragma once

#include "case.hpp"

#include <weir/mqtt/options.hpp>

#include <cstddef>
#include <cstdint>

namespace weir::conformance {

/// What the application's handler of messages does: returns, throws, or returns when the case says so.
enum class handler_kind : std::uint8_t { returns, throws, blocks };

/// What a client is made with.
struct setup {
    mqtt::client_options options{};
    std::size_t demand{0}; ///< messages the application is ready to take from the start
    handler_kind handler{handler_kind::returns};
    bool store{false}; ///< that the next client finds
};

/// What a case asks for, in those of its version only. Beside the client's own options, under their names:
/// `demand`, endless when not given; `exchanges`, see `exchanges_of`; and of a `scram`, `username`,
/// `password` and one of `nonces` for each exchange; `wills` and `credentials`, of which each CONNECT has the
/// next; `handler`, see `handler_kind`; `store`, whether the session is kept for the
/// next process. A host `<server 2>` is the second of the case's servers.
[[nodiscard]] setup setup_of(const test_case& c);

} // namespace weir::conformance
