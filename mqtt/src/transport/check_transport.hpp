#pragma once

#include <weir/mqtt/options.hpp>

#include <vector>

namespace weir::mqtt {

/// What is wrong with the options that say where and how to connect. Reads the files of TLS.
[[nodiscard]] std::vector<option_fault> check_transport(const client_options& options);

} // namespace weir::mqtt
