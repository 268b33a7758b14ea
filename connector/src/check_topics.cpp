#include "check_topics.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <string>

namespace weir::connector {

namespace {

std::string path_of(std::size_t index, std::string_view field) {
    return "producer.topics[" + std::to_string(index) + "]." + std::string(field);
}

void check_topic(const topic& t, std::size_t index, fault_list& out) {
    constexpr std::string_view filter_rule =
        "1..65535 bytes of UTF-8; + fills a whole level, # stands alone or last after /";
    out.when(!mqtt::is_topic_filter(t.filter), path_of(index, "filter"), quoted(t.filter), filter_rule);
    out.when(
        static_cast<unsigned>(t.qos) > 2, path_of(index, "qos"), static_cast<unsigned>(t.qos),
        "0, 1, 2, qos0, qos1, qos2, at_most_once, at_least_once, exactly_once");
    out.when(
        t.no_local && mqtt::is_shared(t.filter), path_of(index, "no_local"), "true",
        "false for a shared subscription"); // [MQTT-3.8.3-4]
}

void check_repetition(const std::vector<topic>& topics, std::size_t index, fault_list& out) {
    const auto same = [&](const topic& t) { return t.filter == topics[index].filter; };
    const auto first = std::ranges::find_if(topics, same) - topics.begin();
    out.when(
        static_cast<std::size_t>(first) != index, path_of(index, "filter"), quoted(topics[index].filter),
        "different from producer.topics[" + std::to_string(first) + "]");
}

/// Options that MQTT 3.x has no bits for would be left out without a word.
void check_version(const producer_options& p, std::size_t index, fault_list& out) {
    if (p.config.proto_ver == mqtt::protocol_version::v5) return;
    const auto& t = p.topics[index];
    constexpr std::string_view rule = "only with config.proto_ver = v5";
    out.when(t.no_local, path_of(index, "no_local"), "true", rule);
    out.when(t.retain_as_published, path_of(index, "retain_as_published"), "true", rule);
    out.when(
        t.retain_handling.has_value(), path_of(index, "retain_handling"),
        static_cast<unsigned>(t.retain_handling.value_or(mqtt::retain_handling::send)), rule);
}

std::string_view trimmed(std::string_view s) {
    const auto first = s.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_group_name(std::string_view name) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    return !trimmed(name).empty() && name.find_first_of("/+#") == std::string_view::npos &&
           std::ranges::none_of(name, is_control) && mqtt::is_topic_name(name);
}

void check_overlap(const std::vector<topic>& topics, std::size_t index, fault_list& out) {
    for (std::size_t first = 0; first < index; ++first) {
        const auto& a = topics[first].filter;
        const auto& b = topics[index].filter;
        out.when(
            a != b && mqtt::overlaps(mqtt::inner_filter(a), mqtt::inner_filter(b)), path_of(index, "filter"),
            quoted(b),
            "a filter that shares no topic with " + quoted(a) + " of producer.topics[" +
                std::to_string(first) +
                "], since producer.overlap is reject; allow takes messages several times");
    }
}

void check_unsubscribe(const producer_options& p, fault_list& out) {
    for (std::size_t i = 0; i < p.unsubscribe.size(); ++i) {
        const auto& filter = p.unsubscribe[i];
        const auto path = "producer.unsubscribe[" + std::to_string(i) + "]";
        out.when(!mqtt::is_topic_filter(filter), path, quoted(filter), "a topic filter");
        const auto wanted = subscriptions(p);
        const auto is_wanted = std::ranges::any_of(wanted, [&](const auto& s) { return s.filter == filter; });
        out.when(is_wanted, path, quoted(filter), "a filter that producer.topics does not have");
    }
}

} // namespace

void check_topics(const producer_options& p, fault_list& out) {
    out.when(p.topics.empty(), "producer.topics", "[]", "at least one { filter, qos }");
    const bool rejects = overlap_in_force(p) == overlap::reject;
    for (std::size_t i = 0; i < p.topics.size(); ++i) {
        check_topic(p.topics[i], i, out);
        check_repetition(p.topics, i, out);
        check_version(p, i, out);
        if (rejects) check_overlap(p.topics, i, out);
    }
    check_unsubscribe(p, out);
}

void check_shared_group(const producer_options& p, fault_list& out) {
    if (!p.shared_group) return;
    out.when(
        !is_group_name(*p.shared_group), "producer.shared_group", quoted(*p.shared_group),
        "a name without /, +, # and control characters");
    for (std::size_t i = 0; i < p.topics.size(); ++i) {
        out.when(
            mqtt::is_shared(p.topics[i].filter), path_of(i, "filter"), quoted(p.topics[i].filter),
            "a filter without $share/: producer.shared_group adds it");
        out.when(
            p.topics[i].no_local && !mqtt::is_shared(p.topics[i].filter), path_of(i, "no_local"), "true",
            "false in a shared group");
    }
}

} // namespace weir::connector
