#include "client/connect_probe.hpp"
#include "client_arguments.hpp"
#include "command.hpp"
#include "output/console.hpp"
#include "output/mqtt_json.hpp"
#include "output/output_line.hpp"
#include "seconds_option.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace weir::tool {

namespace {

using outcome = connect_probe::outcome;

struct connect_arguments {
    client_arguments client{};
    std::chrono::milliseconds timeout{std::chrono::seconds{30}};
    bool as_json{false};
};

json_value to_object(const connect_probe::report& r, outcome o, const std::string& endpoint) {
    json_value out{{"ok", o == outcome::accepted}, {"endpoint", r.endpoint.empty() ? endpoint : r.endpoint}};
    if (r.connack) out.update(to_json(*r.connack));
    if (o != outcome::accepted && r.end) {
        out["error"] = to_json(r.end->reason);
        if (r.end->said) put_reason(out, *r.end->said);
    } else if (o != outcome::accepted) {
        const auto why =
            std::make_error_code(o == outcome::timed_out ? std::errc::timed_out : std::errc::interrupted);
        out["error"] = to_json(error{why, "no answer"});
    }
    out["timings"] = to_json(r.timings);
    if (!r.warnings.empty()) out["warnings"] = r.warnings;
    return out;
}

/// One value a line; what has values of its own comes behind its name.
void append_lines(std::string& out, const json_value& object, const std::string& prefix) {
    for (const auto& [key, value] : object.items()) {
        if (value.is_object()) {
            append_lines(out, value, prefix + key + '.');
        } else {
            out += fmt::format(
                "  {:<38} {}\n", prefix + key, value.is_string() ? value.get<std::string>() : value.dump());
        }
    }
}

std::string to_text(const json_value& report) {
    auto details = report;
    details.erase("ok");
    details.erase("endpoint");
    const auto endpoint = report.at("endpoint").get<std::string>();
    std::string out = (report.at("ok").get<bool>() ? "connected to " : "not connected to ") + endpoint + '\n';
    append_lines(out, details, {});
    return out;
}

int code_of(outcome o) {
    switch (o) {
    case outcome::accepted: return exit_code::done;
    case outcome::timed_out: return exit_code::timed_out;
    case outcome::failed:
    case outcome::interrupted: return exit_code::failed;
    }
    return exit_code::failed;
}

int connect(const connect_arguments& a, const mqtt::client_options& options, console& errors) {
    connect_probe probe(options);
    const auto o = probe.run(a.timeout);
    const auto r = probe.result();
    const auto report = to_object(r, o, endpoint_of(options));
    const bool written = write_output(a.as_json ? to_line(report) : to_text(report));
    if (o == outcome::timed_out && !r.end)
        errors.line("weir connect: no answer from " + endpoint_of(options));
    else if (o != outcome::accepted)
        errors.line("weir connect: " + probe.failure().value_or("interrupted"));
    probe.close();
    return written ? code_of(o) : exit_code::failed;
}

} // namespace

void add_connect(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand(
        "connect", "Check that a broker can be reached, and print what it says to a CONNECT");
    const auto a = std::make_shared<connect_arguments>();
    add_client_options(*command, a->client);
    add_property_options(*command, a->client.client.props);
    command->add_flag("--json", a->as_json, "One JSON object on one line");
    add_seconds_option(*command, "--timeout", a->timeout, "Seconds to wait for the answer; default 30");
    command->footer("Exit codes: 0 accepted, 1 refused or lost, 2 wrong use, 3 no answer in time.");
    command->callback([=, &chosen] {
        const auto options = client_options_of(a->client);
        chosen = [=] { return connect(*a, options, *errors); };
    });
}

} // namespace weir::tool
