#include <weir/connector/options.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <algorithm>

namespace weir::connector {

namespace {

void about_session(const producer_options& p, std::vector<std::string>& out) {
    if (p.config.clean_start.value_or(false))
        out.emplace_back(
            "config.clean_start = true: messages not acknowledged when the process ends are lost");
}

void about_client_id(const producer_options& p, std::vector<std::string>& out) {
    constexpr std::size_t longest_portable = 23; // [MQTT-3.1.3-5] of MQTT 3.1.1
    const auto longest = client_id(p, p.concurrency - 1);
    if (p.config.proto_ver != mqtt::protocol_version::v5 && longest.size() > longest_portable)
        out.push_back(
            "client id " + longest + " has " + std::to_string(longest.size()) +
            " bytes: servers of MQTT 3.x need not take more than 23");
}

void about_shared_group(const producer_options& p, std::vector<std::string>& out) {
    if (!p.shared_group) return;
    if (p.config.proto_ver != mqtt::protocol_version::v5)
        out.push_back(
            "shared_group " + *p.shared_group +
            " on MQTT 3.x: a broker that does not know $share accepts it and delivers nothing");
    const auto wants_retained = [](const topic& t) {
        return t.retain_handling != mqtt::retain_handling::do_not_send;
    };
    if (std::ranges::any_of(p.topics, wants_retained))
        out.push_back(
            "shared_group " + *p.shared_group +
            ": by the standard brokers send no retained messages to shared subscriptions, though some "
            "do"); // MQTT 5.0, 4.8.2
}

void about_acks(const producer_options& p, std::vector<std::string>& out) {
    if (p.on_success == on_success::noop)
        out.push_back(
            "on_success = noop: after " + std::to_string(p.max_inflight) +
            " messages nothing more comes until the application acknowledges");
}

void about_dead_letters(const options& o, std::vector<std::string>& out) {
    using settling = pipeline::dead_letter_options::settling;
    if (o.dead_letter.settle_as == settling::failed && o.producer.on_failure == on_failure::noop)
        out.emplace_back(
            "dead_letter.settle_as = failed with on_failure = noop: a message that has become a dead letter "
            "comes again, and becomes one again");
    if (o.producer.failure_policy && o.producer.dead_letter.topic.empty())
        out.emplace_back(
            "failure_policy without dead_letter.topic: a message it chooses dead_letter for is tried again");
}

void about_overlap(const producer_options& p, std::vector<std::string>& out) {
    if (overlap_in_force(p) != overlap::allow) return;
    for (std::size_t i = 0; i < p.topics.size(); ++i)
        for (std::size_t k = 0; k < i; ++k) {
            const auto& a = p.topics[k].filter;
            const auto& b = p.topics[i].filter;
            if (a == b || !mqtt::overlaps(mqtt::inner_filter(a), mqtt::inner_filter(b))) continue;
            return out.push_back(
                "topics " + a + " and " + b +
                " overlap: the broker may send a message of both several times");
        }
}

} // namespace

std::vector<std::string> warnings(const options& o) {
    std::vector<std::string> out;
    about_session(o.producer, out);
    about_client_id(o.producer, out);
    about_shared_group(o.producer, out);
    about_acks(o.producer, out);
    about_overlap(o.producer, out);
    about_dead_letters(o, out);
    return out;
}

} // namespace weir::connector
