#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace weir::tool {

/// An option in seconds, such as 0.5, kept in milliseconds; `least` is the smallest that is not refused.
CLI::Option* add_seconds_option(
    CLI::App& command, const std::string& name, std::function<void(std::chrono::milliseconds)> take,
    const std::string& text, std::chrono::milliseconds least = std::chrono::milliseconds{1});

/// The same, into a variable that holds the default.
CLI::Option* add_seconds_option(
    CLI::App& command, const std::string& name, std::chrono::milliseconds& to, const std::string& text,
    std::chrono::milliseconds least = std::chrono::milliseconds{1});

} // namespace weir::tool
