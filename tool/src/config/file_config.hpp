#pragma once

#include <weir/connector/options.hpp>
#include <weir/sinks/options.hpp>

#include <optional>
#include <string>

namespace weir::tool {

/// What a configuration file says.
struct file_config {
    connector::options pipeline{};
    std::optional<std::string> password_file{}; ///< where `pipeline.producer.config.password` came from
    std::optional<sinks::sink_options> sink{};  ///< always there once a file is loaded
};

} // namespace weir::tool
