#include "connection_reports.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/error.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <bit>
#include <chrono>

namespace weir::connector {

namespace {

std::string next_step(const mqtt::connection_down& info) {
    if (!info.will_retry) return "";
    const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(info.retry_in);
    return "; next attempt in " + std::to_string(delay.count()) + "ms";
}

/// What the system says often begins with the endpoint, which the line has named already.
std::string why(const mqtt::connection_down& info) {
    const auto text = info.reason.message();
    const auto prefix = info.endpoint + ": ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

events::server_limits limits_of(const mqtt::connected& c) {
    return {
        .keep_alive = c.keep_alive,
        .session_expiry = c.session_expiry,
        .receive_maximum = c.receive_maximum,
        .maximum_packet_size = c.maximum_packet_size,
        .topic_alias_maximum = c.topic_alias_maximum,
        .maximum_qos = c.maximum_qos,
        .retain = c.retain_available,
        .wildcard_subscriptions = c.wildcard_subscription_available,
        .subscription_identifiers = c.subscription_identifiers_available,
        .shared_subscriptions = c.shared_subscription_available};
}

/// A time-out names its phase by itself.
std::string at(const mqtt::connection_down& info) {
    if (info.phase.empty() || info.reason.code == mqtt::errc::connect_timeout) return ": ";
    return " (" + std::string(info.phase) + "): ";
}

/// The first, second, fourth and so on of a row of failures: a long outage must not fill the log.
bool worth_a_line(const mqtt::connection_down& info) {
    return std::has_single_bit(info.attempt) || !info.will_retry;
}

} // namespace

void connection_reports::up(const mqtt::connected& info, const std::string& endpoint, duration took) {
    context_.bus->emit<events::connection_up>([&] {
        return events::connection_up{
            .origin = context_.stamp(),
            .took = took,
            .endpoint = endpoint,
            .version = version_,
            .session_present = info.session_present,
            .limits = limits_of(info)};
    });
}

void connection_reports::down(const mqtt::connection_down& info, std::size_t unacknowledged) {
    context_.bus->emit<events::connection_down>([&] {
        return events::connection_down{
            .origin = context_.stamp(),
            .uptime = info.uptime,
            .unacknowledged = unacknowledged,
            .reason = info.reason,
            .will_retry = info.will_retry,
            .delay = info.retry_in};
    });
    if (info.reason.code == mqtt::errc::local_close || info.reason.code == errc::redelivery) return;
    log(log_level::warning,
        context_.log_prefix() + "connection to " + info.endpoint + " lost: " + why(info) + next_step(info));
}

void connection_reports::attempt_failed(const mqtt::connection_down& info) {
    context_.bus->emit<events::connection_attempt_failed>([&] {
        return events::connection_attempt_failed{
            .origin = context_.stamp(),
            .took = info.took,
            .attempt = info.attempt,
            .phase = info.phase,
            .endpoint = info.endpoint,
            .reason = info.reason,
            .will_retry = info.will_retry,
            .delay = info.retry_in};
    });
    if (!worth_a_line(info)) return;
    log(log_level::warning, context_.log_prefix() + "attempt " + std::to_string(info.attempt) +
                                " to connect to " + info.endpoint + " failed" + at(info) + why(info) +
                                next_step(info));
}

void connection_reports::warned(const std::string& text) {
    log(log_level::warning, context_.log_prefix() + text);
}

void connection_reports::session_lost(std::size_t unacknowledged) {
    context_.bus->emit<events::session_lost>(
        [&] { return events::session_lost{.origin = context_.stamp(), .unacknowledged = unacknowledged}; });
    log(log_level::warning, context_.log_prefix() + "the broker lost the session with " +
                                std::to_string(unacknowledged) + " messages unacknowledged");
}

void connection_reports::happened(const mqtt::dropped& what) {
    switch (what.kind) {
    case mqtt::dropped::what::qos0_buffer_full:
        return drops_.add(drop_reports::reason::buffer_full, what.topics);
    case mqtt::dropped::what::drained: return drops_.add(drop_reports::reason::draining, what.topics);
    case mqtt::dropped::what::payload_format:
        return drops_.add(drop_reports::reason::payload_format, what.count);
    case mqtt::dropped::what::over_receive_maximum: return window_exceeded();
    case mqtt::dropped::what::stale_ack:
        return context_.bus->emit<events::ack_stale>(
            [&] { return events::ack_stale{.origin = context_.stamp(), .count = what.count}; });
    case mqtt::dropped::what::duplicate:
        return context_.bus->emit<events::message_duplicate>(
            [&] { return events::message_duplicate{.origin = context_.stamp(), .count = what.count}; });
    default: return; // seen in the client's own counters
    }
}

/// No more than a line of information: some brokers do so all the time.
void connection_reports::window_exceeded() {
    context_.bus->emit<events::window_exceeded>(
        [&] { return events::window_exceeded{.origin = context_.stamp()}; });
    log(log_level::info, context_.log_prefix() + "the broker sends more unacknowledged messages than the " +
                             std::to_string(context_.options.max_inflight) + " it may; they wait");
}

void connection_reports::discarded(const mqtt::discarded& what) {
    oversized_.fetch_add(1, std::memory_order_relaxed);
    drops_.add(drop_reports::reason::too_large, std::string_view(what.topic));
}

void connection_reports::fell_back(const mqtt::version_fallback& what) {
    version_ = what.to;
    warned(
        "the broker does not take MQTT " + std::string(to_string(what.from)) + ": going on with " +
        std::string(to_string(what.to)) +
        (what.lost.empty() ? std::string() : ", without effect of " + what.lost));
}

void connection_reports::store_trouble(const mqtt::store_trouble& what) {
    if (what.reason) {
        context_.bus->emit<events::store_full>(
            [&] { return events::store_full{.origin = context_.stamp(), .reason = what.reason}; });
        return warned("the session store cannot be written: " + what.reason.message());
    }
    context_.bus->emit<events::store_recovered>(
        [&] { return events::store_recovered{.origin = context_.stamp()}; });
    warned("the session store can be written again");
}

void connection_reports::session_limited(const mqtt::session_expiry_lowered& what) {
    context_.bus->emit<events::session_limited>([&] {
        return events::session_limited{
            .origin = context_.stamp(), .asked = what.asked, .granted = what.granted};
    });
    log(log_level::warning, context_.log_prefix() + "the broker keeps the session for " +
                                std::to_string(what.granted) + " s, not for the " +
                                std::to_string(what.asked) + " s asked for");
}

} // namespace weir::connector
