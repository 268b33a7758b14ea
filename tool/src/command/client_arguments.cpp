#include "client_arguments.hpp"

#include "client/property_text.hpp"
#include "config/names.hpp"

#include <weir/mqtt/transport/endpoint.hpp>

namespace weir::tool {

namespace {

/// The command line reconnects to nothing: a script wants to know that the connection was lost.
mqtt::client_options command_line_defaults() {
    mqtt::client_options o;
    o.keepalive = std::chrono::seconds{300};
    o.reconnect = 0;
    return o;
}

mqtt::protocol_version protocol_of(const std::string& name) {
    if (const auto v = find_name(protocol_names(), name)) return *v;
    throw CLI::ValidationError("--protocol-version", name + " is none of v3.1, v3.1.1, v5");
}

mqtt::qos qos_of(const std::string& option, const std::string& name) {
    if (name == "0" || name == "1" || name == "2") return static_cast<mqtt::qos>(name[0] - '0');
    if (const auto v = find_name(qos_names(), name)) return *v;
    throw CLI::ValidationError(
        option, name + " is none of 0, 1, 2, at_most_once, at_least_once, exactly_once");
}

void add_property_option(
    CLI::App& command, const std::string& name, const std::string& prefix, mqtt::properties& to,
    const std::string& what) {
    command.add_option_function<std::vector<std::string>>(
        name,
        [name, prefix, &to](const std::vector<std::string>& all) {
            for (const auto& one : all)
                if (const auto fault = put_property(to, prefix + one))
                    throw CLI::ValidationError(name, fault.detail);
        },
        what + ", may be repeated; v5");
}

void add_connection_options(CLI::App& command, mqtt::client_options& o) {
    command.add_option("-h,--host", o.host, "Name, address or URL of the broker")->capture_default_str();
    command.add_option("-p,--port", o.port, "Port of the broker; default 1883, 8883 with --enable-ssl")
        ->check(CLI::Range(1, 65'535));
    command.add_option_function<std::string>(
        "-V,--protocol-version", [&o](const std::string& v) { o.proto_ver = protocol_of(v); },
        "v3.1, v3.1.1 or v5; default v5");
    command.add_option("-C,--clientid", o.clientid, "Client id; default: drawn, and printed");
    command.add_option("-u,--username", o.username, "User name");
    command.add_option("--max-inflight", o.max_inflight, "Published and not yet acknowledged")
        ->transform(CLI::Validator(
            [](std::string& v) {
                if (v == "infinity") v = "65535";
                return std::string{};
            },
            "infinity or"))
        ->check(CLI::Range(1, 65'535))
        ->capture_default_str();
    command.add_option_function<std::uint16_t>(
        "-k,--keepalive", [&o](std::uint16_t v) { o.keepalive = std::chrono::seconds{v}; },
        "Seconds of silence before a ping, 0 = never; default 300");
    command.add_flag_function(
        "--clean-start", [&o](std::int64_t v) { o.clean_start = v > 0; },
        "Whether to begin a fresh session; default true");
    command.add_option(
        "--session-expiry", o.session_expiry, "Seconds the broker keeps the session, v5; default 0");
}

void add_will_options(CLI::App& command, client_arguments& a) {
    auto* const topic = command.add_option(
        "--will-topic", a.will_topic, "Published by the broker when the connection is lost");
    command.add_option("--will-payload", a.will_payload, "Payload of the will")->needs(topic);
    add_qos_option(command, "--will-qos", a.will_qos, "QoS of the will")->needs(topic);
    command.add_flag("--will-retain", a.will_retain, "Retain the will")->needs(topic);
    command
        .add_option_function<std::uint32_t>(
            "--will-delay",
            [&a](std::uint32_t v) { a.will_props.set(mqtt::property_id::will_delay_interval, v); },
            "Seconds the broker waits before it publishes the will; v5")
        ->needs(topic);
    add_property_option(command, "--will-property", {}, a.will_props, "name=value, a property of the will");
}

std::string described(const std::vector<mqtt::option_fault>& faults) {
    std::string out;
    for (const auto& f : faults)
        out += (out.empty() ? "" : "; ") + f.path + " = " + f.value + ": allowed: " + f.allowed;
    return out;
}

} // namespace

void add_client_options(CLI::App& command, client_arguments& a) {
    a.client = command_line_defaults();
    command.set_help_flag("--help", "Print this and exit"); // -h is the host
    add_connection_options(command, a.client);
    add_transport_options(command, a.transport, a.client);
    auto* const password =
        command.add_option("-P,--password", a.client.password, "Password; seen by all users of this machine")
            ->envname("WEIR_PASSWORD");
    command.add_option("--password-file", a.password_file, "File with the password")->excludes(password);
    add_will_options(command, a);
}

CLI::Option* add_qos_option(
    CLI::App& command, const std::string& name, mqtt::qos& level, const std::string& text) {
    return command.add_option_function<std::string>(
        name, [name, &level](const std::string& v) { level = qos_of(name, v); },
        text + ": 0, 1 or 2; default 0");
}

void add_property_options(CLI::App& command, mqtt::properties& to) {
    add_property_option(
        command, "--property", {}, to,
        "name=value, a property under the standard's name; the value may be hex:.., base64:.., file:PATH");
    add_property_option(command, "--user-property", "user_property=", to, "name=value");
}

void add_connect_property_option(CLI::App& command, mqtt::properties& to) {
    add_property_option(command, "--connect-property", {}, to, "name=value, a property of CONNECT");
}

mqtt::client_options client_options_of(const client_arguments& a) {
    auto o = a.client;
    apply(a.transport, o);
    if (a.password_file) o.password = secret_in(*a.password_file, "--password-file");
    if (!a.will_topic.empty())
        o.will = mqtt::will{
            .topic = a.will_topic,
            .payload = a.will_payload,
            .qos = a.will_qos,
            .retain = a.will_retain,
            .props = a.will_props};
    else if (!a.will_props.empty())
        throw CLI::ValidationError("--will-property", "needs --will-topic");
    if (const auto faults = mqtt::check(o); !faults.empty()) throw CLI::ValidationError(described(faults));
    return o;
}

std::string endpoint_of(const mqtt::client_options& o) {
    using enum mqtt::transport_kind;
    const auto kind = o.websocket ? (o.ssl ? wss : ws) : (o.ssl ? tls : tcp);
    const auto place = mqtt::parse_endpoint(o.host, {.kind = kind, .port = o.port});
    return place ? place->text() : o.host;
}

} // namespace weir::tool
