#include "describe.hpp"

#include <weir/mqtt/types/protocol_version.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace weir::tool {

namespace {

std::string describe_hosts(const mqtt::client_options& o) {
    std::string out;
    for (const auto& to : mqtt::routes_of(o))
        out += (out.empty() ? "" : ", ") + to.text();
    return out;
}

std::string describe_topics(const connector::producer_options& p) {
    std::string out;
    for (const auto& t : p.topics)
        out += fmt::format("{}{} at QoS {}", out.empty() ? "" : ", ", t.filter, static_cast<int>(t.qos));
    return p.shared_group ? out + " in group " + *p.shared_group : out;
}

struct sink_describer {
    std::string operator()(const sinks::discard_options&) const { return "nowhere"; }

    std::string operator()(const sinks::sqlite_options& o) const {
        return fmt::format("sqlite {} table {}", o.path, o.table);
    }

    std::string operator()(const sinks::jsonl_options& o) const {
        return "jsonl " + (o.path == "-" ? std::string("standard output") : o.path);
    }
};

std::string describe_sink(const sinks::sink_options& o) {
    return std::visit(sink_describer{}, o);
}

std::string describe_batcher(const file_config& c, std::size_t index) {
    const auto& b = c.pipeline.batchers[index];
    return fmt::format("{} in batches of up to {}", describe_sink(sink_of(c, index)), b.batch_size);
}

/// Where everything goes; with several batchers, which one where.
std::string describe_ends(const file_config& c) {
    const auto& batchers = c.pipeline.batchers;
    if (batchers.empty()) return describe_sink(sink_of(c, 0)) + " one by one";
    if (batchers.size() == 1) return describe_batcher(c, 0);
    std::string out;
    for (std::size_t i = 0; i < batchers.size(); ++i)
        out += (i == 0 ? "" : ", ") + batchers[i].name + ": " + describe_batcher(c, i);
    return out;
}

std::string describe_dead_letters(const file_config& c) {
    const auto& topic = c.pipeline.producer.dead_letter.topic;
    return (c.dead_letters ? "; dead letters to " + c.dead_letters->path : std::string()) +
           (topic.empty() ? std::string() : "; dead letters to topic " + topic);
}

/// One line for each.
std::string describe_guarantees(const file_config& c, const connector::options& o) {
    const auto sinks = all_sinks(c);
    std::string out;
    for (const auto& line : connector::guarantees(o, std::ranges::all_of(sinks, sinks::keeps_receipts)))
        out += "\n  " + line;
    return out;
}

} // namespace

std::string describe(const file_config& c) {
    const auto o = connector::effective(c.pipeline);
    const auto& p = o.producer;
    return fmt::format(
               "{}: {} as {}{} ({}), {}, window {} -> {}{}", o.name, describe_hosts(p.config),
               connector::client_id(p, 0), p.concurrency > 1 ? fmt::format("..{}", p.concurrency - 1) : "",
               mqtt::to_string(p.config.proto_ver), describe_topics(p), p.max_inflight, describe_ends(c),
               describe_dead_letters(c)) +
           describe_guarantees(c, o);
}

} // namespace weir::tool
