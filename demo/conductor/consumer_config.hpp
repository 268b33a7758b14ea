#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::demo {

/// What the demo puts in place of the example's own values.
struct consumer_setup {
    std::uint16_t port{0};
    std::string database{};
    int qos{1};
    std::string version{"v5"};
    bool exactly_once{false}; ///< the sink keeps receipts
};

/// What the conductor has to know of the file it made.
struct consumer_facts {
    std::string table{};                ///< the one it writes to
    std::vector<std::string> filters{}; ///< what it subscribes to
};

/// Copies the configuration file `from` to `to` with the broker, database, QoS and protocol of the demo
/// filled in. Throws `std::runtime_error` when it is not a file for an SQLite sink.
consumer_facts write_consumer_config(
    const std::string& from, const std::string& to, const consumer_setup& setup);

} // namespace weir::demo
