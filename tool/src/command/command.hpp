#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace weir::tool {

class console;

/// How a run of the program ended.
enum exit_code : int {
    done = 0,
    failed = 1,    ///< refused, lost, or not finished
    usage = 2,     ///< command line or configuration
    timed_out = 3, ///< the commands of the client
};

/// What the command line asked for; returns the exit code.
using action = std::function<int()>;

/// Each adds a subcommand that puts itself into `chosen` when it is called for.
void add_run(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_check(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_connect(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_pub(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_end_session(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_shell(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);
void add_sub(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors);

} // namespace weir::tool
