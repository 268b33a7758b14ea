// Publishers side by side: the same messages to the same broker, one after the other in each round.

#include "answering_broker.hpp"
#include "child_process.hpp"
#include "handshake.hpp"
#include "machine.hpp"
#include "posix.hpp"
#include "publishers.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::bench {

std::string topic_of(std::size_t n) {
    return fmt::format("plant/line-3/sensor/{:06}", n % 1'000);
}

const std::vector<publisher>& publishers() {
    static const std::vector<publisher> all{
        {"weir-client", run_weir},
#ifdef WEIR_BENCH_MOSQUITTO
        {"libmosquitto", run_mosquitto},
#endif
    };
    return all;
}

namespace {

using clock = std::chrono::steady_clock;

/// What a publisher measured of itself, between CONNACK and the last outcome.
struct figures {
    double messages_per_second{0};
    double cpu_ns{0}; ///< per message, all its threads
};

/// In a process of its own, which tells its figures through `report`.
[[noreturn]] void publish(const publisher& p, const publishing_task& task, int report) {
    try {
        clock::time_point began;
        std::chrono::nanoseconds cpu{0};
        figures f;
        p.run(
            task,
            [&] {
                began = clock::now();
                cpu = own_cpu();
            },
            [&] {
                const auto count = static_cast<double>(task.messages);
                f.messages_per_second = count / std::chrono::duration<double>(clock::now() - began).count();
                f.cpu_ns = static_cast<double>((own_cpu() - cpu).count()) / count;
            });
        checked(write(report, &f, sizeof f), "write");
        _exit(0);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}: {}\n", p.name, e.what());
        _exit(1);
    }
}

figures measure(const publisher& p, publishing_task task) {
    const listener entrance;
    task.port = entrance.port();
    std::array<int, 2> report{};
    checked(pipe(report.data()), "pipe");
    const auto child = checked(fork(), "fork");
    if (child == 0) publish(p, task, report[1]);
    close(report[1]);
    const int fd = entrance.accept();
    answering_broker broker{fd};
    broker.serve();
    close(fd);
    figures f;
    const bool told = read(report[0], &f, sizeof f) == sizeof f;
    close(report[0]);
    checked(waitpid(child, nullptr, 0), "waitpid");
    if (!told) throw std::runtime_error(fmt::format("{} did not finish", p.name));
    if (broker.messages() != task.messages)
        throw std::runtime_error(
            fmt::format("{}: {} of {} messages arrived", p.name, broker.messages(), task.messages));
    return f;
}

double median(std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

struct plan {
    std::vector<int> qos{0, 1, 2};
    std::vector<std::size_t> payloads{64, 1'024};
    publishing_task task;
    int rounds{3};
};

void compare(const publishing_task& task, int rounds) {
    std::map<std::string_view, std::vector<double>> rate;
    std::map<std::string_view, std::vector<double>> cpu;
    for (int round = 0; round < rounds; ++round)
        for (const auto& p : publishers()) {
            const auto f = measure(p, task);
            rate[p.name].push_back(f.messages_per_second);
            cpu[p.name].push_back(f.cpu_ns);
        }
    const auto& other = publishers().back().name;
    for (const auto& p : publishers())
        fmt::print(
            "| QoS {}, {} B | `{}` | {:.0f} | {:.0f} | {:.2f} | {:.2f} |\n", task.qos, task.payload, p.name,
            median(rate[p.name]), median(cpu[p.name]), median(rate[p.name]) / median(rate[other]),
            median(cpu[p.name]) / median(cpu[other]));
    std::fflush(stdout);
}

void run(plan p) {
    for (const auto& [key, value] : describe_machine())
        fmt::print("{}: {}\n", key, value);
    fmt::print(
        "medians of {} rounds of {} messages, window {}, MQTT {}\n\n", p.rounds, p.task.messages,
        p.task.window, p.task.version == 5 ? "5.0" : "3.1.1");
    fmt::print("| messages | publisher | messages/s | CPU ns/msg | rate ratio | CPU ratio "
               "|\n|---|---|---|---|---|---|\n");
    for (const auto qos : p.qos)
        for (const auto payload : p.payloads) {
            p.task.qos = qos;
            p.task.payload = payload;
            compare(p.task, p.rounds);
        }
}

} // namespace
} // namespace weir::bench

int main(int argc, char** argv) {
    CLI::App app("Publishes to a broker that answers at once, with one client library after the other.");
    weir::bench::plan p;
    app.add_option("--qos", p.qos, "Quality of service")->check(CLI::Range(0, 2));
    app.add_option("--payload", p.payloads, "Bytes of payload");
    app.add_option("--window", p.task.window, "Messages under way at once")->check(CLI::Range(1, 65'535));
    app.add_option("--messages", p.task.messages, "In each run")->check(CLI::Range(1, 100'000'000));
    app.add_option("--mqtt", p.task.version, "Protocol level: 4 is 3.1.1, 5 is 5.0")
        ->check(CLI::IsMember({4, 5}));
    app.add_option("--rounds", p.rounds, "Repetitions, of which the median counts")
        ->check(CLI::Range(1, 100));
    CLI11_PARSE(app, argc, argv);
    try {
        weir::bench::run(std::move(p));
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "publishing: {}\n", e.what());
        return 1;
    }
}
