#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/session.hpp>

#include <memory>
#include <string>

namespace weir::mqtt {

/// Whether options name functions of the application that have a say in each CONNECT.
[[nodiscard]] bool needs_preparation(const client_options& options);

/// What those functions said.
struct preparation {
    result<connect_extras> extras{connect_extras{}};
    std::shared_ptr<authenticator> exchange{}; ///< that has begun, if there is authentication
    std::string warning{};                     ///< what the version left out; empty for nothing
};

/// Asks them all for a CONNECT of `version`, to which the client may have fallen back from that of the
/// options; may block. What they throw becomes `auth_failed`.
[[nodiscard]] preparation prepare_connect(const client_options& options, protocol_version version) noexcept;

/// The first message of a new exchange, for a re-authentication; as above.
struct beginning {
    result<auth_message> first{auth_message{}};
    std::shared_ptr<authenticator> exchange{};
};

[[nodiscard]] beginning begin_exchange(const client_options& options) noexcept;

} // namespace weir::mqtt
