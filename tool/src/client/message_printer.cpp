#include "message_printer.hpp"

#include <weir/base/text.hpp>
#include <weir/sinks/json.hpp>

#include <fmt/format.h>

namespace weir::tool {

namespace {

std::string to_json(const mqtt::publish& m, std::string_view client_id, system_time_point at) {
    return sinks::to_json_line(
        {.topic = m.topic.text(),
         .payload = m.payload.text(),
         .qos = m.qos,
         .retain = m.retain,
         .dup = m.dup,
         .client_id = client_id,
         .received_at = at,
         .properties = &m.props});
}

std::string body(const mqtt::publish& m, print_mode mode) {
    const auto payload = m.payload.text();
    switch (mode) {
    case print_mode::raw: return std::string(payload);
    case print_mode::hex: return hexadecimal(payload);
    case print_mode::size: return std::to_string(payload.size());
    default: return escaped(payload);
    }
}

/// U+0080 to U+009F, among them one that terminals take for the beginning of a command.
bool is_c1_control(std::string_view utf8) {
    return utf8.size() == 2 && utf8[0] == '\xC2' && static_cast<unsigned char>(utf8[1]) < 0xA0;
}

void append_escaped(std::string& out, unsigned char c, bool text) {
    if (c == '\\') {
        out += "\\\\";
    } else if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else if (c < 0x20 || c == 0x7F || (c >= 0x80 && !text)) {
        out += fmt::format("\\x{:02x}", c);
    } else {
        out += static_cast<char>(c);
    }
}

} // namespace

const names<print_mode>& print_names() {
    using enum print_mode;
    static const names<print_mode> list{{"payload", payload}, {"raw", raw},   {"hex", hex},
                                        {"size", size},       {"json", json}, {"as-string", payload}};
    return list;
}

std::string to_line(
    const mqtt::publish& m, print_mode mode, bool with_topic, std::string_view client_id,
    system_time_point at) {
    if (mode == print_mode::json) return to_json(m, client_id, at) + '\n';
    std::string out;
    if (with_topic)
        out = (mode == print_mode::raw ? std::string(m.topic.text()) : escaped(m.topic.text())) + ' ';
    return out + body(m, mode) + '\n';
}

std::string hexadecimal(std::string_view payload) {
    std::string out;
    for (const unsigned char c : payload)
        out += fmt::format("{:02x}", c);
    return out;
}

std::string escaped(std::string_view payload) {
    const bool text = is_utf8(payload);
    std::string out;
    out.reserve(payload.size());
    for (std::size_t i = 0; i < payload.size(); ++i) {
        if (text && is_c1_control(payload.substr(i, 2)))
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(payload[++i]));
        else
            append_escaped(out, static_cast<unsigned char>(payload[i]), text);
    }
    return out;
}

} // namespace weir::tool
