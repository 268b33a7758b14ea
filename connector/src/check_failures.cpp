#include "check_failures.hpp"

#include "dead_letter_message.hpp"

#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

void check_redelivery(const redelivery_options& r, fault_list& out) {
    out.when(r.min < 1ms, "producer.redelivery.min", r.min, "at least 1ms");
    out.when(r.max < r.min, "producer.redelivery.max", r.max, "at least producer.redelivery.min");
    out.when(r.skip_after < 0ms, "producer.redelivery.skip_after", r.skip_after, "0ms or more");
}

void check_rejection(const producer_options& p, fault_list& out) {
    const bool v5 = p.config.proto_ver == mqtt::protocol_version::v5;
    constexpr std::string_view rule = "another policy with config.proto_ver below v5, which cannot reject";
    out.when(p.on_failure == on_failure::reject && !v5, "producer.on_failure", "reject", rule);
    out.when(p.redelivery.then == after_attempts::reject && !v5, "producer.redelivery.then", "reject", rule);
    const bool taken_over = p.qos2 == qos2_mode::durable;
    constexpr std::string_view too_late = "another policy with qos2 = durable: the broker is done before";
    out.when(p.on_failure == on_failure::reject && taken_over, "producer.on_failure", "reject", too_late);
    out.when(
        p.redelivery.then == after_attempts::reject && taken_over, "producer.redelivery.then", "reject",
        too_late);
    out.when(
        !is_rejection(p.reject_code), "producer.reject_code", static_cast<unsigned>(p.reject_code),
        "128, 131, 135, 144, 145, 151, 153: the codes with which a message is refused");
}

/// The levels of `text`, joined again up to the first one that a `#` stands in; a level that is made of a
/// wildcard and something else becomes a wildcard.
std::string as_filter(std::string_view text) {
    std::string filter;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('/', begin), text.size());
        const auto level = text.substr(begin, end - begin);
        if (begin != 0) filter += '/';
        if (level.find('#') != std::string_view::npos) return filter + '#';
        filter += level.find('+') == std::string_view::npos ? level : std::string_view("+");
        begin = end + 1;
    }
    return filter;
}

/// Filters that together select every topic for dead letters of messages that `of` selects.
std::vector<std::string> destinations(const producer_options& p, std::string_view of) {
    std::vector<std::string> all;
    const auto add = [&](std::string_view topics, const std::string& id) {
        all.push_back(as_filter(dead_letter_topic_for(p.dead_letter.topic, topics, id)));
    };
    const auto ids = p.dead_letter.topic.find("{client_id}") == std::string::npos ? 1 : p.concurrency;
    for (std::size_t i = 0; i < ids; ++i) {
        add(of, client_id(p, i));
        if (of.ends_with("/#")) add(of.substr(0, of.size() - 2), client_id(p, i)); // the parent level, too
    }
    return all;
}

bool comes_back(const producer_options& p) {
    for (const auto& source : p.topics)
        for (const auto& letter : destinations(p, mqtt::inner_filter(source.filter)))
            for (const auto& t : p.topics)
                if (mqtt::overlaps(mqtt::inner_filter(t.filter), letter)) return true;
    return false;
}

bool chooses_dead_letter(const producer_options& p) {
    return p.on_failure == on_failure::dead_letter || p.redelivery.then == after_attempts::dead_letter;
}

void check_dead_letter(const producer_options& p, fault_list& out) {
    const auto& d = p.dead_letter;
    constexpr auto path = "producer.dead_letter.topic";
    out.when(
        d.topic.empty() && chooses_dead_letter(p), path, "\"\"",
        "a topic, since producer.on_failure or producer.redelivery.then is dead_letter");
    if (d.topic.empty()) return;
    out.when(
        d.qos != mqtt::qos::at_least_once && d.qos != mqtt::qos::exactly_once, "producer.dead_letter.qos",
        static_cast<unsigned>(d.qos), "1, 2");
    const bool is_name = mqtt::is_topic_name(dead_letter_topic_for(d.topic, "t", "c"));
    out.when(
        !is_name, path, quoted(d.topic), "a topic without + and #; {topic} and {client_id} are filled in");
    out.when(
        is_name && comes_back(p), path, quoted(d.topic),
        "a topic that no filter of producer.topics selects: dead letters would come back for ever");
}

} // namespace

void check_failures(const producer_options& p, fault_list& out) {
    check_redelivery(p.redelivery, out);
    check_rejection(p, out);
    check_dead_letter(p, out);
}

} // namespace weir::connector
