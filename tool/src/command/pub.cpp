#include "client/publisher.hpp"
#include "client_arguments.hpp"
#include "command.hpp"
#include "output/console.hpp"
#include "output/output_line.hpp"
#include "seconds_option.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

namespace weir::tool {

namespace {

using namespace std::chrono_literals;
using outcome = publisher::outcome;

struct pub_arguments {
    client_arguments client{};
    publication what{};
    std::optional<std::string> payload{};
    std::string file{};
    bool from_stdin{false};
    bool stdin_lines{false};
    std::uint64_t repeat{1};
    std::chrono::milliseconds repeat_delay{0};
    std::chrono::milliseconds timeout{30s};
};

payload_source source_of(const pub_arguments& a) {
    if (a.stdin_lines) return payload_source::lines(STDIN_FILENO);
    if (a.payload) return payload_source::repeat(*a.payload, a.repeat);
    return payload_source::repeat(read_all(a.from_stdin ? "-" : a.file), a.repeat);
}

void say(const std::string& line) {
    // Nobody may be listening any more; what was published counts all the same.
    [[maybe_unused]] const bool heard = write_output(line + '\n');
}

int code_of(outcome o, const publisher& p, const std::string& endpoint, console& errors) {
    switch (o) {
    case outcome::done: return exit_code::done;
    case outcome::failed:
        errors.line("weir pub: " + p.failure().value_or("failed"));
        return exit_code::failed;
    case outcome::timed_out: errors.line("weir pub: no answer from " + endpoint); return exit_code::timed_out;
    case outcome::interrupted: errors.line("weir pub: interrupted"); return exit_code::failed;
    }
    return exit_code::failed;
}

int publish(const pub_arguments& a, const mqtt::client_options& options, console& errors) {
    auto payloads = source_of(a);
    publisher p(options, a.what);
    auto result = p.connect(a.timeout);
    if (result == outcome::done) {
        say("connected to " + p.description());
        result = p.publish_all(payloads, a.repeat_delay, a.timeout);
        say("published " + std::to_string(p.confirmed()));
        p.close();
        say("disconnected");
    }
    return code_of(result, p, endpoint_of(options), errors);
}

/// Wrong use is told before anything is sent.
void check_message(const publication& what, mqtt::protocol_version version) {
    mqtt::publish packet{.topic = bytes::copy(what.topic), .qos = what.qos, .props = what.props};
    packet.packet_id = packet.qos == mqtt::qos::at_most_once ? 0 : 1;
    if (const auto fault = mqtt::check_outgoing(packet, version))
        throw CLI::ValidationError("--topic, --property", fault->message());
}

void add_payload_options(CLI::App& command, pub_arguments& a) {
    auto* const group = command.add_option_group("payload", "What to publish, one of");
    group->add_option("--payload", a.payload, "This text");
    group->add_option("--file", a.file, "The content of a file");
    group->add_flag("--stdin", a.from_stdin, "All of standard input, as one message");
    group->add_flag("--stdin-line", a.stdin_lines, "Each line of standard input, as a message of its own");
    group->require_option(1);
}

} // namespace

void add_pub(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand("pub", "Publish messages");
    const auto a = std::make_shared<pub_arguments>();
    add_client_options(*command, a->client);
    command->add_option("-t,--topic", a->what.topic, "Topic")->required();
    add_qos_option(*command, "-q,--qos", a->what.qos, "Quality of service");
    command->add_flag("-r,--retain", a->what.retain, "Retain the message");
    add_property_options(*command, a->what.props);
    add_connect_property_option(*command, a->client.client.props);
    command->add_option_function<std::string>(
        "--response-topic",
        [a](const std::string& v) { a->what.props.set(mqtt::property_id::response_topic, v); },
        "Where an answer goes; v5");
    add_payload_options(*command, *a);
    command->add_option("--repeat", a->repeat, "How often to publish it")->check(CLI::PositiveNumber);
    add_seconds_option(*command, "--repeat-delay", a->repeat_delay, "Seconds between two messages", 0ms);
    add_seconds_option(
        *command, "--timeout", a->timeout, "Seconds to wait for the broker's answer; default 30");
    command->callback([=, &chosen] {
        const auto options = client_options_of(a->client);
        check_message(a->what, options.proto_ver);
        chosen = [=] { return publish(*a, options, *errors); };
    });
}

} // namespace weir::tool
