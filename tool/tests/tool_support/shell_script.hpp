#pragma once

#include "tool_support/weir_process.hpp"

#include <weir/mqtt/packet/packets.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace weir::testing {

using json = nlohmann::json;

/// The JSON objects that a shell wrote, a line each.
[[nodiscard]] inline std::vector<json> parse_lines(const std::string& output) {
    std::vector<json> out;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        out.push_back(json::parse(line));
    return out;
}

[[nodiscard]] inline bool includes(const json& object, const json& fields) {
    for (const auto& [key, value] : fields.items()) {
        if (!object.contains(key) || object.at(key) != value) return false;
    }
    return true;
}

/// A run of `weir shell` over a script, and what came of it.
struct shell_run {
    int code{-1};
    std::vector<json> events{};
    std::string errors{};

    /// The first event of that name whose fields include `fields`; null when there is none.
    [[nodiscard]] json find(const std::string& name, const json& fields = json::object()) const {
        const auto found = std::find_if(events.begin(), events.end(), [&](const json& e) {
            return e.at("event") == name && includes(e, fields);
        });
        return found == events.end() ? json{} : *found;
    }

    [[nodiscard]] json outcome(const std::string& command) const {
        return find("outcome", {{"command", command}});
    }

    /// What is wrong with the line of that number; "" when it was done.
    [[nodiscard]] std::string error_at(int line) const {
        const auto e = find("error", {{"line", line}});
        return e.is_null() ? std::string{} : e.at("text").get<std::string>();
    }

    /// Names of all events, in their order; outcomes with their command: "outcome:connect".
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& e : events) {
            const auto name = e.at("event").get<std::string>();
            out.push_back(name == "outcome" ? name + ':' + e.at("command").get<std::string>() : name);
        }
        return out;
    }

    [[nodiscard]] std::string text() const {
        std::string out = errors;
        for (const auto& e : events)
            out += e.dump() + '\n';
        return out;
    }
};

/// Every "PORT" of the script becomes the number.
[[nodiscard]] inline std::string with_port(std::string script, std::uint16_t port) {
    for (auto at = script.find("PORT"); at != std::string::npos; at = script.find("PORT"))
        script.replace(at, 4, std::to_string(port));
    return script;
}

[[nodiscard]] inline shell_run run_shell(
    const std::string& script, std::uint16_t port = 0, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"shell"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    weir_process process(arguments, with_port(script, port));
    shell_run out;
    out.code = process.wait();
    out.events = parse_lines(process.output());
    out.errors = process.errors();
    return out;
}

/// The first command of most scripts.
inline const std::string to_broker = "connect 127.0.0.1 port=PORT clientid=me ";

/// What a scripted broker sends.
[[nodiscard]] inline mqtt::publish message(
    std::string_view topic, std::string_view payload, mqtt::qos level = mqtt::qos::at_most_once,
    std::uint16_t id = 0) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level, .packet_id = id};
}

} // namespace weir::testing
