#include "shapes.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace weir::bench;

struct series {
    shape what;
    std::vector<figures> runs;
};

double median_of(const std::vector<figures>& runs, double figures::*figure) {
    std::vector<double> values;
    for (const auto& f : runs)
        values.push_back(f.*figure);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<series> chosen(const std::vector<std::string>& names) {
    std::vector<series> all;
    auto shapes = weir_shapes();
#ifdef WEIR_BENCH_TBB
    for (auto& s : tbb_shapes())
        shapes.push_back(std::move(s));
#endif
    for (auto& s : shapes)
        if (names.empty() || std::find(names.begin(), names.end(), s.name) != names.end())
            all.push_back({std::move(s), {}});
    return all;
}

/// The same shape in the other library, when it was run too.
std::optional<double> rival_rate(const std::vector<series>& all, const std::string& name) {
    for (const auto& one : all)
        if (one.what.name == "tbb-" + name) return median_of(one.runs, &figures::messages_per_second);
    return std::nullopt;
}

void print(const std::vector<series>& all) {
    fmt::print("{:<22}{:>14}{:>12}{:>8}  {}\n", "shape", "messages/s", "CPU ns/msg", "x TBB", "what");
    for (const auto& one : all) {
        const auto rate = median_of(one.runs, &figures::messages_per_second);
        const auto rival = rival_rate(all, one.what.name);
        fmt::print(
            "{:<22}{:>14.0f}{:>12.0f}{:>8}  {}\n", one.what.name, rate, median_of(one.runs, &figures::cpu_ns),
            rival ? fmt::format("{:.1f}", rate / *rival) : "-", one.what.what);
    }
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "What a message costs in each stage of a pipeline whose handlers do nothing, beside oneTBB's "
        "flow graph doing the same shape of work."};
    std::vector<std::string> names;
    int rounds = 3;
    timing t;
    double seconds = 1;
    app.add_option("shapes", names, "only these; default: all");
    app.add_option("--rounds", rounds, "runs of each, interleaved; the table shows medians")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--seconds", seconds, "measured time of a run")
        ->check(CLI::Range(0.1, 60.0))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    t.time = std::chrono::milliseconds{static_cast<long>(seconds * 1'000)};

    auto all = chosen(names);
    if (all.empty()) {
        fmt::print(stderr, "pipeline: no such shape\n");
        return 2;
    }
    for (int round = 0; round < rounds; ++round)
        for (auto& one : all)
            one.runs.push_back(one.what.run(t));
    print(all);
    return 0;
}
