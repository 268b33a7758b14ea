#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::tool {

/// One thing that is wrong with a configuration file.
struct config_fault {
    std::uint32_t line{0}; ///< from 1; 0 when the fault is that something is not there
    std::uint32_t column{0};
    std::string path{}; ///< "producer.topics[0].qos"; empty when it concerns the whole file
    std::string value{};
    std::string text{}; ///< what is allowed, or what is wrong
};

/// "fleet.toml:7:16: producer.max_inflight = 0: allowed: an integer, 1..65535", one fault a line, in the
/// order of the file.
[[nodiscard]] std::string describe(const std::string& file, std::vector<config_fault> faults);

} // namespace weir::tool
