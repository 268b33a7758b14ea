#include "client_arguments.hpp"
#include "command.hpp"
#include "config/load.hpp"
#include "output/console.hpp"
#include "seconds_option.hpp"

#include <weir/connector/end_session.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace weir::tool {

namespace {

struct end_session_arguments {
    client_arguments client{};
    std::string config{};
    std::vector<std::string> ids{};
    std::chrono::milliseconds timeout{std::chrono::seconds{10}};
};

/// Goes on after a failure: the others are not to blame.
int end_all(const end_session_arguments& a, mqtt::client_options who, console& errors) {
    int code = exit_code::done;
    for (const auto& id : a.ids) {
        who.clientid = id;
        const auto ended = connector::end_session(who, a.timeout);
        if (!ended) code = exit_code::failed;
        errors.line("weir: session of " + id + (ended ? " ended" : " not ended: " + ended.error().message()));
    }
    return code;
}

int end_sessions(const end_session_arguments& a, const mqtt::client_options& options, console& errors) {
    if (a.config.empty()) return end_all(a, options, errors);
    const auto l = load_file(a.config);
    if (!l.faults.empty()) {
        errors.line(describe(a.config, l.faults));
        return exit_code::usage;
    }
    return end_all(a, l.config.pipeline.producer.config, errors);
}

} // namespace

void add_end_session(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand(
        "end-session", "Make the broker forget the sessions of client ids that nobody uses any more");
    const auto a = std::make_shared<end_session_arguments>();
    add_client_options(*command, a->client);
    command->add_option("--config", a->config, "Broker and credentials as in this configuration, TOML");
    command->add_option("ids", a->ids, "Client ids, such as my-pipeline_2")->required();
    add_seconds_option(*command, "--timeout", a->timeout, "Seconds for each of them; default 10");
    command->callback([=, &chosen] {
        const auto options = client_options_of(a->client);
        chosen = [=] { return end_sessions(*a, options, *errors); };
    });
}

} // namespace weir::tool
