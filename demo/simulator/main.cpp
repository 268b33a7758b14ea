// weir-fleet-sim: publishes what a fleet of public transport vehicles would, until told to stop.

#include "common/stop_signal.hpp"
#include "simulator/publisher.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <thread>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

struct simulator_options {
    publisher_options publish{};
    std::size_t vehicles{2'000};
    double seconds{0};
    double progress_seconds{1};
    std::uint64_t seed{1};
    std::string ledger{};
    int qos{1};
    std::string version{"v5"};
};

void declare(CLI::App& app, simulator_options& o) {
    app.add_option("--host", o.publish.host, "Broker")->capture_default_str();
    app.add_option("-p,--port", o.publish.port, "Port")->capture_default_str();
    app.add_option("-n,--vehicles", o.vehicles, "Vehicles, each reporting once a second")
        ->check(CLI::Range(1, 99'999))
        ->capture_default_str();
    app.add_option("--seconds", o.seconds, "How long; 0 = until SIGINT or SIGTERM")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("-q,--qos", o.qos, "QoS of every publish")->check(CLI::Range(0, 2))->capture_default_str();
    app.add_option("-V,--protocol-version", o.version, "v3.1.1 or v5")
        ->check(CLI::IsMember({"v3.1.1", "v5"}))
        ->capture_default_str();
    app.add_option("--connections", o.publish.connections, "Connections the vehicles share")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    app.add_option("--seed", o.seed, "The same seed gives the same fleet")->capture_default_str();
    app.add_option("--progress", o.progress_seconds, "Seconds from one progress line to the next")
        ->check(CLI::Range(0.01, 3'600.0))
        ->capture_default_str();
    app.add_option("--ledger", o.ledger, "File for one line per confirmed publish");
}

void print_progress(const publisher_counts& c) {
    fmt::print(
        R"({{"published":{},"confirmed":{},"refused":{},"outstanding":{},"connects":{}}})"
        "\n",
        c.published, c.confirmed, c.refused, c.outstanding(), c.connects);
    std::fflush(stdout);
}

duration as_duration(double seconds) {
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
}

/// Publishes what is due until the time is over or a signal arrives; progress lines on the way.
void drive(const simulator_options& o, publisher& out, ledger_writer& ledger) {
    const auto start = clock::now();
    const auto end =
        o.seconds > 0 ? start + std::chrono::duration_cast<duration>(std::chrono::duration<double>(o.seconds))
                      : time_point::max();
    fleet vehicles(o.vehicles, o.seed, start + 100ms);
    const auto interval = as_duration(o.progress_seconds);
    auto next_progress = start + interval;
    for (auto now = start; now < end && stop_signals() == 0; now = clock::now()) {
        vehicles.report_until(
            now, std::chrono::system_clock::now(), [&](const report& r) { out.publish(r); });
        if (now >= next_progress) {
            next_progress += interval;
            ledger.flush();
            print_progress(out.counts());
        }
        // At least a millisecond, so that a large fleet is served in small groups and not one by one.
        std::this_thread::sleep_until(std::min(std::max(vehicles.next_due(), now + 1ms), now + 50ms));
    }
}

int run(simulator_options o) {
    o.publish.qos = static_cast<mqtt::qos>(o.qos);
    o.publish.version = o.version == "v3.1.1" ? mqtt::protocol_version::v4 : mqtt::protocol_version::v5;
    ledger_writer ledger(o.ledger);
    publisher out(o.publish, ledger);
    if (!out.connect(10s)) {
        fmt::print(
            stderr, "weir-fleet-sim: no broker at {}:{} within 10 s\n", o.publish.host, o.publish.port);
        return 1;
    }
    drive(o, out, ledger);
    const bool all_answered = out.wait_confirmed(10s);
    ledger.flush();
    print_progress(out.counts());
    return all_answered ? 0 : 1;
}

} // namespace
} // namespace weir::demo

int main(int argc, char** argv) {
    CLI::App app{"Publishes positions of a simulated fleet of vehicles to an MQTT broker."};
    weir::demo::simulator_options options;
    weir::demo::declare(app, options);
    CLI11_PARSE(app, argc, argv);
    weir::demo::count_stop_signals();
    try {
        return weir::demo::run(options);
    } catch (const std::exception& e) {
        fmt::print(stderr, "weir-fleet-sim: {}\n", e.what());
        return 1;
    }
}
