// weir-demo: shows the whole at work on one machine, and fails unless nothing was lost.

#include "common/stop_signal.hpp"
#include "conductor/conductor.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>

namespace weir::demo {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_interrupted = 130;

/// Debian keeps daemons where an ordinary user's PATH does not look.
void look_for_daemons_too() {
    const char* path = std::getenv("PATH");
    setenv("PATH", ((path != nullptr ? std::string{path} + ":" : std::string{}) + "/usr/sbin").c_str(), 1);
}

void declare(CLI::App& app, demo_options& o) {
    app.add_option("--seconds", o.seconds, "How long the fleet publishes")
        ->check(CLI::Range(0.5, 86'400.0))
        ->capture_default_str();
    app.add_option("-n,--vehicles", o.vehicles, "Vehicles, each reporting once a second")
        ->check(CLI::Range(1, 99'999))
        ->capture_default_str();
    app.add_option("-q,--qos", o.qos, "QoS of publishes and subscription; with 0, loss is no surprise")
        ->check(CLI::Range(0, 2))
        ->capture_default_str();
    app.add_option("-V,--protocol-version", o.version, "of fleet and consumer: v3.1.1 or v5")
        ->check(CLI::IsMember({"v3.1.1", "v5"}))
        ->capture_default_str();
    app.add_flag_callback(
        "--exactly-once",
        [&o] {
            o.exactly_once = true;
            o.qos = 2;
        },
        "QoS 2 and receipts in the database: duplicates are a failure, too");
    app.add_flag("--kill", o.kill, "Kill the consumer (SIGKILL) several times and start it again");
    app.add_option("--seed", o.seed, "For the moments of the kills; drawn when not given");
    app.add_option("--drain", o.drain_seconds, "Seconds to wait for what is on its way at the end")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_flag("--keep", o.keep, "Keep the temporary folder with database and logs");
    app.add_option("--config", o.config, "Configuration to start from")->required()->check(CLI::ExistingFile);
    app.add_option("--weir", o.weir, "The weir program")->capture_default_str();
    app.add_option("--simulator", o.simulator, "The fleet simulator")->capture_default_str();
    app.add_option("--mosquitto", o.mosquitto, "The broker")->capture_default_str();
}

int run(const demo_options& options) {
    conductor c(options);
    try {
        if (c.run()) return EXIT_SUCCESS;
    } catch (const interrupted&) {
        fmt::print(stderr, "\nweir-demo: interrupted\n");
        return exit_interrupted;
    } catch (const std::exception& e) {
        fmt::print(stderr, "\nweir-demo: {}\n", e.what());
    }
    c.folder().keep();
    fmt::print(stderr, "weir-demo: failed; database and logs are kept in {}\n", c.folder().path());
    return exit_failed;
}

} // namespace
} // namespace weir::demo

int main(int argc, char** argv) {
    CLI::App app{"Broker, fleet simulator and pipeline on this machine, from publish to commit."};
    weir::demo::demo_options options;
    options.seed = std::random_device{}();
    weir::demo::declare(app, options);
    CLI11_PARSE(app, argc, argv);
    std::setvbuf(stdout, nullptr, _IOLBF, 0); // so that a file or pipe shows the lines as they come
    weir::demo::count_stop_signals();
    weir::demo::look_for_daemons_too();
    try {
        return weir::demo::run(options);
    } catch (const std::exception& e) {
        fmt::print(stderr, "weir-demo: {}\n", e.what());
        return weir::demo::exit_failed;
    }
}
