#pragma once

#include <cstdint>
#include <string>

namespace weir::demo {

/// What the demo puts in place of the example's own values.
struct consumer_setup {
    std::uint16_t port{0};
    std::string database{};
    int qos{1};
};

/// Copies the configuration file `from` to `to` with the broker, database and QoS of the demo filled in, and
/// returns the name of the table it writes to. Throws `std::runtime_error` when it is not a file for an
/// SQLite sink.
std::string write_consumer_config(
    const std::string& from, const std::string& to, const consumer_setup& setup);

} // namespace weir::demo
