#include "consumer/consumers.hpp"
#include "machine.hpp"
#include "measurement.hpp"
#include "report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace weir::bench;

/// What to measure, as asked for on the command line.
struct plan {
    std::vector<std::string> consumers;
    std::vector<int> qos{0, 1, 2};
    std::vector<std::size_t> payloads{64, 1'024};
    std::vector<std::uint16_t> windows{100, 1'000};
    std::vector<int> versions{5};
    int rounds{3};
    setup how;
    timing time;
    std::string json_file;
};

// A window has no meaning at QoS 0, so there is one scenario for all of them.
std::vector<scenario> scenarios_of(const plan& p) {
    std::vector<scenario> all;
    for (const auto version : p.versions)
        for (const auto qos : p.qos)
            for (const auto payload : p.payloads)
                for (const auto window : p.windows)
                    if (qos > 0 || window == p.windows.back()) all.push_back({qos, payload, window, version});
    return all;
}

std::vector<series> empty_series(const plan& p) {
    std::vector<series> all;
    for (const auto& s : scenarios_of(p))
        for (const auto& name : p.consumers)
            all.push_back({s, name, {}, {}});
    return all;
}

void run_once(series& one, const plan& p) {
    if (!one.failure.empty()) return;
    try {
        one.samples.push_back(measure(one.consumer, one.what, p.time, p.how));
    } catch (const std::exception& e) {
        one.failure = e.what();
    }
}

// Rounds are interleaved, so that a slow spell of the machine falls on all consumers alike.
std::vector<series> run_all(const plan& p) {
    auto all = empty_series(p);
    const bool show_progress = isatty(STDERR_FILENO) == 1;
    for (int round = 1; round <= p.rounds; ++round) {
        std::size_t done = 0;
        for (auto& one : all) {
            ++done;
            if (show_progress)
                fmt::print(stderr, "\rround {} of {}: {} of {} ", round, p.rounds, done, all.size());
            run_once(one, p);
        }
    }
    if (show_progress) fmt::print(stderr, "\n");
    return all;
}

int compare(const plan& p) {
    for (const auto& [key, value] : describe_machine())
        fmt::print("{}: {}\n", key, value);
    fmt::print(
        "medians of {} rounds of {} ms after {} ms\n", p.rounds, p.time.measured.count(),
        p.time.warm_up.count());
    const auto all = run_all(p);
    fmt::print("{}", to_table(all));
    if (!p.json_file.empty()) std::ofstream(p.json_file) << to_json(all, p.time).dump(2) << '\n';
    return std::ranges::all_of(all, [](const series& s) { return s.failure.empty(); }) ? 0 : 1;
}

int consume(const std::string& name, const consumer_task& task) {
    for (const auto& c : consumers()) {
        if (c.name != name) continue;
        shared_counters counters(task.counters_fd);
        c.run(task, counters);
        return 0;
    }
    throw std::runtime_error("no consumer is called " + name);
}

void add_plan_options(CLI::App& app, plan& p) {
    std::vector<std::string> names;
    std::string list = "Consumers to compare:";
    for (const auto& c : consumers()) {
        names.emplace_back(c.name);
        list += fmt::format("\n{}: {}", c.name, c.what);
    }
    p.consumers = names;
    app.add_option("--consumers", p.consumers, list)->check(CLI::IsMember(names));
    app.add_option("--qos", p.qos, "Quality of service")->check(CLI::Range(0, 2));
    app.add_option("--payload", p.payloads, "Bytes of payload");
    app.add_option("--window", p.windows, "max_inflight: unacknowledged messages")
        ->check(CLI::Range(1, 65'535));
    app.add_option("--mqtt", p.versions, "Protocol level: 4 is 3.1.1, 5 is 5.0")
        ->check(CLI::IsMember({4, 5}));
    app.add_option("--processors", p.how.processors, "Processors of the pipeline")->check(CLI::Range(1, 64));
    app.add_option(
           "--max-demand", p.how.max_demand, "Messages a processor may ask for; default: twice the window")
        ->check(CLI::Range(1, 200'000));
    app.add_flag(
        "--busy-broker", p.how.busy_broker,
        "The broker polls its socket instead of sleeping, so that no ack pays for waking it");
    app.add_option("--rounds", p.rounds, "Repetitions, of which the median counts")
        ->check(CLI::Range(1, 100));
    app.add_option("--warm-up", p.time.warm_up, "Before measuring, ms, per run");
    app.add_option("--measure", p.time.measured, "Measured time, ms, per run");
    app.add_option("--json", p.json_file, "Also write everything to this file");
}

CLI::App* add_consume_command(CLI::App& app, std::string& name, consumer_task& task) {
    auto* command = app.add_subcommand("consume", "")->group(""); // started by this program itself
    command->add_option("name", name)->required();
    command->add_option("--port", task.port)->required();
    command->add_option("--qos", task.qos)->required();
    command->add_option("--window", task.window)->required();
    command->add_option("--version", task.version)->required();
    command->add_option("--counters-fd", task.counters_fd)->required();
    command->add_option("--processors", task.processors)->required();
    command->add_option("--max-demand", task.max_demand)->required();
    return command;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Floods MQTT subscribers from a scripted broker and compares them, side by side in one run.");
    app.get_formatter()->column_width(24);
    plan p;
    std::string name;
    consumer_task task;
    add_plan_options(app, p);
    const auto* consume_command = add_consume_command(app, name, task);
    CLI11_PARSE(app, argc, argv);
    try {
        return consume_command->parsed() ? consume(name, task) : compare(p);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}: {}\n", consume_command->parsed() ? name : "end_to_end", e.what());
        return 2;
    }
}
