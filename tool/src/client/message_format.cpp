#include "message_format.hpp"

#include "message_printer.hpp"

#include <weir/base/text.hpp>
#include <weir/sinks/json.hpp>

#include <array>
#include <utility>

namespace weir::tool {

message_format::writer message_format::find(std::string_view name) {
    using text = std::string&;
    using message = const mqtt::publish&;
    using client = std::string_view;
    using stamp = system_time_point;
    static constexpr std::array<std::pair<std::string_view, writer>, 12> places{{
        {"topic", [](text to, message m, client, stamp) { to += escaped(m.topic.text()); }},
        {"payload", [](text to, message m, client, stamp) { to += escaped(m.payload.text()); }},
        {"raw", [](text to, message m, client, stamp) { to += m.payload.text(); }},
        {"hex", [](text to, message m, client, stamp) { to += hexadecimal(m.payload.text()); }},
        {"size", [](text to, message m, client, stamp) { to += std::to_string(m.payload.size()); }},
        {"qos", [](text to, message m, client, stamp) { to += std::to_string(static_cast<int>(m.qos)); }},
        {"retain", [](text to, message m, client, stamp) { to += m.retain ? "true" : "false"; }},
        {"dup", [](text to, message m, client, stamp) { to += m.dup ? "true" : "false"; }},
        {"packet_id", [](text to, message m, client, stamp) { to += std::to_string(m.packet_id); }},
        {"client_id", [](text to, message, client id, stamp) { to += id; }},
        {"time", [](text to, message, client, stamp at) { to += to_iso8601(at); }},
        {"properties", [](text to, message m, client, stamp) { to += sinks::to_json(m.props); }},
    }};
    for (const auto& [known, write] : places) {
        if (known == name) return write;
    }
    return nullptr;
}

result<message_format> message_format::parse(std::string_view text) {
    message_format f;
    piece next;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_bracket = c == '{' || c == '}';
        if (!is_bracket || (i + 1 < text.size() && text[i + 1] == c)) {
            next.text += c;
            i += is_bracket ? 1 : 0;
            continue;
        }
        const auto end = text.find('}', i);
        if (c == '}' || end == std::string_view::npos)
            return failure("a bracket stands alone; {{ and }} are brackets");
        const auto name = text.substr(i + 1, end - i - 1);
        next.write = find(name);
        if (next.write == nullptr)
            return failure(
                '{' + std::string(name) +
                "} is none of {topic}, {payload}, {raw}, {hex}, {size}, {qos}, {retain}, "
                "{dup}, {packet_id}, {client_id}, {time}, {properties}");
        f.pieces_.push_back(std::exchange(next, {}));
        i = end;
    }
    f.pieces_.push_back(std::move(next));
    return f;
}

std::string message_format::line(
    const mqtt::publish& m, std::string_view client_id, system_time_point at) const {
    std::string out;
    for (const auto& p : pieces_) {
        out += p.text;
        if (p.write != nullptr) p.write(out, m, client_id, at);
    }
    return out;
}

} // namespace weir::tool
