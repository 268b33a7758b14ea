#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/options.hpp>

namespace weir::mqtt {

/// What the options' callback says for the next connection; `credentials_failed` when it throws or says what
/// no CONNECT can carry.
[[nodiscard]] result<credentials> fresh_credentials(const client_options& options);

} // namespace weir::mqtt
