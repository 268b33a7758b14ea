#include <weir/connector/options.hpp>

#include <algorithm>

namespace weir::connector {

namespace {

bool lasting(const producer_options& p) {
    return !p.config.clean_start.value_or(false);
}

bool is_durable(const producer_options& p) {
    return p.qos2 == qos2_mode::durable;
}

std::string_view power_clause(const producer_options& p) {
    return p.config.store.fsync == mqtt::store_fsync::never ? "; a power failure may lose messages" : "";
}

std::string of_qos1(const producer_options& p) {
    const bool stored = is_durable(p) && p.config.store.qos1;
    if (!lasting(p) && !stored)
        return "QoS 1: at least once while the process runs; what is unacknowledged at its end is lost";
    if (!stored) return "QoS 1: at least once; a message may repeat after a crash or a lost connection";
    return "QoS 1: at least once, from the session store; a message may repeat after a crash or a lost "
           "connection" +
           std::string(power_clause(p));
}

std::string of_qos2_durable(const producer_options& p, bool tokens) {
    std::string text = tokens ? "QoS 2: effectively once, by the delivery tokens that the sink keeps; only a "
                                "publisher that repeats itself makes duplicates"
                              : "QoS 2: at least once, from the session store; a message may repeat after a "
                                "crash, not after a lost connection";
    if (!lasting(p)) text += "; what is not in the store when the process ends is lost";
    return text += power_clause(p);
}

std::string of_qos2(const producer_options& p, bool tokens) {
    if (is_durable(p)) return of_qos2_durable(p, tokens);
    if (!lasting(p)) return "QoS 2: once while the process runs; what is unacknowledged at its end is lost";
    if (p.qos2 == qos2_mode::sink)
        return "QoS 2: effectively once, by the store's receipts; only a publisher that repeats itself makes "
               "duplicates";
    return "QoS 2: at least once; a message may repeat after a crash, not after a lost connection";
}

std::string of(mqtt::qos level, const producer_options& p, bool tokens) {
    switch (level) {
    case mqtt::qos::at_most_once: return "QoS 0: at most once; a crash or a full buffer loses messages";
    case mqtt::qos::at_least_once: return of_qos1(p);
    case mqtt::qos::exactly_once: return of_qos2(p, tokens);
    }
    return {};
}

} // namespace

std::vector<std::string> guarantees(const options& o) {
    return guarantees(o, o.producer.tokens != nullptr);
}

std::vector<std::string> guarantees(const options& o, bool keeps_tokens) {
    using enum mqtt::qos;
    std::vector<std::string> out;
    for (const auto level : {at_most_once, at_least_once, exactly_once}) {
        const auto here = [&](const topic& t) { return t.qos == level; };
        if (std::ranges::any_of(o.producer.topics, here)) out.push_back(of(level, o.producer, keeps_tokens));
    }
    if (o.producer.on_failure == on_failure::ack)
        out.emplace_back("on_failure = ack: a message whose processing fails is acknowledged all the same");
    if (o.producer.on_failure == on_failure::reject)
        out.emplace_back("on_failure = reject: a message whose processing fails is given up");
    const auto& r = o.producer.redelivery;
    if (r.max_attempts != 0 && (r.then == after_attempts::ack || r.then == after_attempts::reject))
        out.emplace_back(
            "redelivery.then = " + std::string(to_string(r.then)) + ": a message is given up after " +
            std::to_string(r.max_attempts) + " attempts");
    return out;
}

} // namespace weir::connector
