#include "shell/shell.hpp"

#include "command.hpp"
#include "output/console.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

namespace weir::tool {

namespace {

struct shell_arguments {
    std::string file{"-"};
    bool strict{false};
};

int run_shell(const shell_arguments& a, console& errors) {
    int input = STDIN_FILENO;
    if (a.file != "-") input = ::open(a.file.c_str(), O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        errors.line("weir shell: " + a.file + " cannot be read");
        return exit_code::usage;
    }
    const auto code = shell(input, a.strict).run();
    if (input != STDIN_FILENO) ::close(input);
    return code;
}

} // namespace

void add_shell(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand(
        "shell", "Drive MQTT clients by commands, a line each, and print what happens as JSON, a line each");
    const auto a = std::make_shared<shell_arguments>();
    command->set_help_flag("--help", "Print this and exit");
    command->add_option("file", a->file, "Commands; default: standard input");
    command->add_flag("--strict", a->strict, "End at the first bad line or wait in vain");
    command->footer("Commands: connect, disconnect, subscribe, publish, ack, wait and more; the command "
                    "`help` lists them all, "
                    "`help connect` every option of a client.\n"
                    "Exit codes: 0 done, 1 nobody reads the output, 2 a line was bad, 3 a wait was in vain.");
    command->callback([=, &chosen] { chosen = [=] { return run_shell(*a, *errors); }; });
}

} // namespace weir::tool
