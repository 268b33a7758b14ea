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
            .session_present = info.session_present};
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
            .attempt = info.attempt,
            .endpoint = info.endpoint,
            .reason = info.reason,
            .will_retry = info.will_retry,
            .delay = info.retry_in};
    });
    if (!worth_a_line(info)) return;
    log(log_level::warning, context_.log_prefix() + "attempt " + std::to_string(info.attempt) +
                                " to connect to " + info.endpoint + " failed: " + info.reason.message() +
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
        return drops_.add(drop_reports::reason::buffer_full, what.count);
    case mqtt::dropped::what::drained: return drops_.add(drop_reports::reason::draining, what.count);
    case mqtt::dropped::what::stale_ack:
        return context_.bus->emit<events::ack_stale>(
            [&] { return events::ack_stale{.origin = context_.stamp(), .count = what.count}; });
    case mqtt::dropped::what::duplicate:
        return context_.bus->emit<events::message_duplicate>(
            [&] { return events::message_duplicate{.origin = context_.stamp(), .count = what.count}; });
    default: return; // seen in the client's own counters
    }
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
