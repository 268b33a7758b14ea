#include "command.hpp"
#include "config/load.hpp"
#include "output/console.hpp"
#include "run/describe.hpp"
#include "run/report_file.hpp"
#include "run/session.hpp"

#include <weir/metrics/server.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>

namespace weir::tool {

namespace {

struct run_arguments {
    std::string file{};
    std::optional<std::uint64_t> exit_after{};
    std::optional<double> duration{};
    std::string report{};
    std::string metrics{};
    std::string progress{"auto"};
};

const std::map<std::string, progress_mode>& progress_names() {
    static const std::map<std::string, progress_mode> names{
        {"auto", progress_mode::automatic},
        {"line", progress_mode::line},
        {"json", progress_mode::json},
        {"none", progress_mode::none}};
    return names;
}

progress_mode mode_of(const run_arguments& a) {
    return progress_names().at(a.progress);
}

bool writes_to_output(const file_config& c) {
    const auto all = all_sinks(c);
    return std::any_of(all.begin(), all.end(), [](const auto& s) {
        const auto* const jsonl = std::get_if<sinks::jsonl_options>(&s);
        return jsonl != nullptr && jsonl->path == "-";
    });
}

/// Two writers on standard output would give a stream that nobody can read.
std::string output_conflict(const run_arguments& a, const file_config& c) {
    const bool by_progress = mode_of(a) == progress_mode::json;
    const bool by_report = a.report == "-";
    if (writes_to_output(c) && by_progress)
        return "--progress json and a sink with path \"-\" both want standard output";
    if (writes_to_output(c) && by_report)
        return "--report - and a sink with path \"-\" both want standard output";
    return {};
}

limits limits_of(const run_arguments& a) {
    limits out{.messages = a.exit_after};
    if (a.duration) out.duration = std::chrono::duration<double>(*a.duration);
    return out;
}

/// Where no progress is wanted, an end in good order is none either.
int end_with(const run_arguments& a, const counters& totals, const ending& end, console& errors) {
    int code = end.drained && end.reason.empty() ? exit_code::done : exit_code::failed;
    if (mode_of(a) != progress_mode::none || code != exit_code::done) errors.line(to_summary(totals, end));
    try {
        if (!a.report.empty()) write_report(a.report, to_json(totals, end) + '\n');
    } catch (const std::exception& e) {
        errors.line(std::string("weir: ") + e.what());
        code = exit_code::failed;
    }
    return code;
}

int run(const run_arguments& a, console& errors) {
    auto l = load_file(a.file);
    if (!l.faults.empty()) {
        errors.line(describe(a.file, l.faults));
        return exit_code::usage;
    }
    if (const auto conflict = output_conflict(a, l.config); !conflict.empty()) {
        errors.line("weir: " + conflict);
        return exit_code::usage;
    }
    if (!a.report.empty()) check_report(a.report);
    if (!a.metrics.empty()) l.config.metrics_listen = a.metrics;
    errors.line(describe(l.config));
    run_session session(l.config, limits_of(a), progress(mode_of(a), errors));
    if (const auto url = session.metrics_url(); !url.empty()) errors.line("  metrics at " + url);
    const auto end = session.run();
    const int code = end_with(a, session.totals(), end, errors);
    // A callback that has not returned would hold up an orderly end of the process, which was asked to end
    // now.
    if (session.has_stragglers()) std::_Exit(code);
    return code;
}

} // namespace

void add_run(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand("run", "Run the pipeline that a configuration describes");
    const auto a = std::make_shared<run_arguments>();
    command->add_option("file", a->file, "Configuration, TOML")->required();
    command->add_option("--exit-after", a->exit_after, "Drain after this many messages were stored")
        ->check(CLI::PositiveNumber);
    command->add_option("--duration", a->duration, "Drain after this many seconds")
        ->check(CLI::PositiveNumber);
    command->add_option(
        "--report", a->report, "Write a report there at the end, one JSON object; - is stdout");
    command->add_option("--metrics", a->metrics, "Serve counters to Prometheus there, such as 127.0.0.1:9464")
        ->check(CLI::Validator(
            [](const std::string& text) {
                return metrics::is_listen_address(text) ? "" : text + ": not an address and a port";
            },
            "ADDRESS:PORT"))
        ->option_text(" ");
    command
        ->add_option(
            "--progress", a->progress,
            "auto (one refreshed line on a terminal, else one a second), line, json (on stdout), none")
        ->check(CLI::IsMember(progress_names()))
        ->option_text("NAME");
    command->callback([=, &chosen] { chosen = [=] { return run(*a, *errors); }; });
}

} // namespace weir::tool
