#pragma once

#include "arguments.hpp"

#include <weir/mqtt/options.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace weir::tool {

/// What `connect` says.
struct client_settings {
    mqtt::client_options options{};
    std::optional<std::size_t> demand{}; ///< messages to take; nothing: as many as come
    std::string manual_auth{};           ///< method of an authentication whose steps are commands
};

/// The options that `words` give, under the names of a configuration file, checked. Messages are not
/// acknowledged by themselves unless they say so. Throws `bad_command` with every fault.
[[nodiscard]] client_settings read_client_settings(arguments& words);

/// Every key that `connect` takes: name, what is allowed and what it means, one a line.
[[nodiscard]] std::string client_settings_reference();

} // namespace weir::tool
