#pragma once

#include <weir/mqtt/options.hpp>

#include <string>

namespace weir::mqtt {

/// Options as an older version can have them.
struct downgraded {
    client_options options{};
    std::string lost{}; ///< names of those that were in use and have no effect any more
};

/// `options` for `version`, which is older than theirs. The inbound window of 5.0 becomes the one the client
/// keeps by itself; a session that 5.0 would end with the connection is a clean one on 3.x.
[[nodiscard]] downgraded downgrade(const client_options& options, protocol_version version);

} // namespace weir::mqtt
