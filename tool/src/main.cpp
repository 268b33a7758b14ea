#include "command/command.hpp"
#include "output/console.hpp"
#include "output/log_setup.hpp"
#include "system/wait_point.hpp"
#include "version.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <string>

namespace {

using namespace weir::tool;

/// Errors of the command line go to standard error like all others; help and version are what was asked for.
int report(const CLI::App& app, const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_code::done : exit_code::usage;
}

int run_program(int argc, char** argv) {
    const auto errors = std::make_shared<console>();
    std::string level = "warning";
    action chosen;

    CLI::App app{"Concurrent processing pipelines fed from an MQTT broker", "weir"};
    app.set_help_flag("--help", "Print this and exit"); // -h is the host, as in other MQTT tools
    app.set_version_flag("--version", std::string("weir ") + version);
    app.add_option("--log-level", level, "debug, info, warning or error")->check(CLI::IsMember(log_levels()));
    app.fallthrough();
    app.require_subcommand(1);
    add_run(app, chosen, errors);
    add_check(app, chosen, errors);
    add_connect(app, chosen, errors);
    add_pub(app, chosen, errors);
    add_sub(app, chosen, errors);
    add_end_session(app, chosen, errors);
    add_shell(app, chosen, errors);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return report(app, e);
    }
    set_up_log(errors, level);
    try {
        return chosen();
    } catch (const std::exception& e) {
        errors->line(std::string("weir: ") + e.what());
        return exit_code::failed;
    }
}

/// Else the first files that are opened would take their places, and what is printed would end up in them.
void occupy_standard_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

} // namespace

int main(int argc, char** argv) {
    occupy_standard_streams();
    // An output that is closed, or a file that may not grow, is an error of the write, which says more.
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    wait_point::block_signals();
    return run_program(argc, argv);
}
