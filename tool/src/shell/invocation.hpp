#pragma once

#include "answer.hpp"
#include "arguments.hpp"
#include "event_match.hpp"
#include "shell_client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// What a command may ask of the shell itself.
class shell_control {
  public:
    /// The next command waits: for an event of the client, or just for the time.
    virtual void hold(
        shell_client& on, std::optional<event_match> wanted, std::chrono::milliseconds limit,
        const answer& told) = 0;

    /// No further command.
    virtual void quit() = 0;

    /// The clients there are, in the order of their names.
    [[nodiscard]] virtual std::vector<const shell_client*> clients() const = 0;

    /// For a person to read.
    virtual void say(const std::string& text) = 0;

  protected:
    ~shell_control() = default;
};

/// One command on its way: for whom, with which words, and where its outcome goes.
struct invocation {
    shell_client& on;
    arguments& words;
    answer out;
    shell_control& shell;
};

/// A command that the shell has.
struct command_rule {
    std::string name{};
    std::string usage{};
    std::string what{};
    void (*run)(invocation&){nullptr};
};

/// All of them, in the order in which help shows them.
[[nodiscard]] const std::vector<command_rule>& command_rules();

[[nodiscard]] const std::vector<command_rule>& connection_commands();
[[nodiscard]] const std::vector<command_rule>& message_commands();
[[nodiscard]] const std::vector<command_rule>& receiving_commands();
[[nodiscard]] const std::vector<command_rule>& control_commands();

/// Every command with its usage, or with `name` that one, with the options of `connect`.
[[nodiscard]] std::string help_text(const std::string& name);

} // namespace weir::tool
