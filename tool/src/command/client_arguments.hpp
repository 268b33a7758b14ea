#pragma once

#include "transport_arguments.hpp"

#include <weir/mqtt/options.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace weir::tool {

/// The options that the commands of the client share.
struct client_arguments {
    mqtt::client_options client{};
    transport_arguments transport{};
    std::optional<std::string> password_file{};
    std::string will_topic{};
    std::string will_payload{};
    mqtt::qos will_qos{mqtt::qos::at_most_once};
    bool will_retain{false};
    mqtt::properties will_props{};
};

/// Adds them to a subcommand, under the names that MQTT tools have in common.
void add_client_options(CLI::App& command, client_arguments& a);

/// `--name` for a level of QoS, by number or name.
CLI::Option* add_qos_option(
    CLI::App& command, const std::string& name, mqtt::qos& level, const std::string& text);

/// `--property name=value` and `--user-property name=value`, for the packet that the command is about.
void add_property_options(CLI::App& command, mqtt::properties& to);

/// `--connect-property`, where that is not the CONNECT.
void add_connect_property_option(CLI::App& command, mqtt::properties& to);

/// The client's options that the arguments make, checked. Throws `CLI::ValidationError` naming every fault.
[[nodiscard]] mqtt::client_options client_options_of(const client_arguments& a);

/// "localhost:1883", the port being that of the transport where none was given.
[[nodiscard]] std::string endpoint_of(const mqtt::client_options& o);

} // namespace weir::tool
