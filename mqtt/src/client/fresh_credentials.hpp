#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/options.hpp>

namespace weir::mqtt {

/// What the options' callback says for the next connection; `credentials_failed` when it throws or says what
/// no CONNECT of `version` can carry.
[[nodiscard]] result<credentials> fresh_credentials(const client_options& options, protocol_version version);

} // namespace weir::mqtt
