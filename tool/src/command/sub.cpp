#include "client/subscriber.hpp"
#include "client_arguments.hpp"
#include "command.hpp"
#include "output/console.hpp"
#include "seconds_option.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>

#include <chrono>
#include <string>

namespace weir::tool {

namespace {

using outcome = subscriber::outcome;

struct sub_arguments {
    client_arguments client{};
    std::vector<std::string> topics{};
    mqtt::subscription each{}; ///< what all filters have in common
    subscription_request what{};
    std::optional<std::chrono::milliseconds> timeout{};
};

mqtt::client_options options_of(const sub_arguments& a) {
    auto o = client_options_of(a.client);
    o.auto_ack = false; // acknowledged when printed
    return o;
}

subscription_request request_of(const sub_arguments& a) {
    auto request = a.what;
    for (const auto& topic : a.topics) {
        request.filters.push_back(a.each);
        request.filters.back().filter = topic;
    }
    return request;
}

int code_of(outcome o, const subscriber& s, console& errors) {
    switch (o) {
    case outcome::done:
    case outcome::interrupted: return exit_code::done;
    case outcome::failed:
        errors.line("weir sub: " + s.failure().value_or("failed"));
        return exit_code::failed;
    case outcome::timed_out: errors.line("weir sub: the time is over"); return exit_code::timed_out;
    case outcome::output_closed: return exit_code::failed;
    }
    return exit_code::failed;
}

int subscribe(const sub_arguments& a, const mqtt::client_options& options, console& errors) {
    subscriber s(options, request_of(a));
    const auto result = s.run(a.timeout);
    s.close();
    return code_of(result, s, errors);
}

print_mode print_mode_of(const std::string& name) {
    if (const auto mode = find_name(print_names(), name)) return *mode;
    throw CLI::ValidationError("--print", name + " is none of payload, as-string, raw, hex, size, json");
}

message_format format_of(const std::string& text) {
    auto f = message_format::parse(text);
    if (!f) throw CLI::ValidationError("--format", f.error().detail);
    return std::move(*f);
}

void add_subscription_options(CLI::App& command, sub_arguments& a) {
    command.add_option("-t,--topic", a.topics, "Topic filter, may be repeated")->required();
    add_qos_option(command, "-q,--qos", a.each.qos, "Highest quality of service");
    command.add_flag("--no-local", a.each.no_local, "Not what this client publishes itself; v5");
    command.add_flag(
        "--retain-as-published,--retain-as-publish", a.each.retain_as_published, "Keep the RETAIN flag; v5");
    command
        .add_option_function<int>(
            "--retain-handling",
            [&a](int v) { a.each.retain_handling = static_cast<mqtt::retain_handling>(v); },
            "Retained messages: 0 always, 1 for a new subscription, 2 never; v5")
        ->check(CLI::Range(0, 2));
    command
        .add_option_function<std::uint32_t>(
            "--subscription-id",
            [&a](std::uint32_t v) { a.what.props.set(mqtt::property_id::subscription_identifier, v); },
            "Subscription Identifier; v5")
        ->check(CLI::Range(1, 268'435'455));
    add_property_options(command, a.what.props);
    add_connect_property_option(command, a.client.client.props);
}

/// Wrong use is told before anything is sent.
void check_request(const subscription_request& what, mqtt::protocol_version version) {
    if (const auto fault = mqtt::check_outgoing(mqtt::subscribe{1, what.filters, what.props}, version))
        throw CLI::ValidationError("--topic, --property", fault->message());
}

void add_output_options(CLI::App& command, sub_arguments& a) {
    command.add_option_function<std::string>(
        "--print", [&a](const std::string& name) { a.what.print = print_mode_of(name); },
        "payload (escaped text; also as-string), raw, hex, size or json; default payload");
    command
        .add_option_function<std::string>(
            "--format", [&a](const std::string& text) { a.what.format = format_of(text); },
            "A line such as \"{topic} {qos} {payload}\"; also {raw}, {hex}, {size}, {retain}, {dup}, "
            "{packet_id}, "
            "{client_id}, {time}, {properties}")
        ->excludes("--print");
    command.add_flag("-v,--verbose", a.what.with_topic, "Print the topic in front");
    command.add_option("--count", a.what.count, "End after this many messages")->check(CLI::PositiveNumber);
    add_seconds_option(
        command, "--timeout", [&a](std::chrono::milliseconds given) { a.timeout = given; },
        "End after this many seconds, with exit code 3");
}

} // namespace

void add_sub(CLI::App& app, action& chosen, const std::shared_ptr<console>& errors) {
    auto* const command = app.add_subcommand("sub", "Subscribe and print what comes");
    const auto a = std::make_shared<sub_arguments>();
    add_client_options(*command, a->client);
    add_subscription_options(*command, *a);
    add_output_options(*command, *a);
    command->callback([=, &chosen] {
        const auto options = options_of(*a);
        check_request(request_of(*a), options.proto_ver);
        chosen = [=] { return subscribe(*a, options, *errors); };
    });
}

} // namespace weir::tool
