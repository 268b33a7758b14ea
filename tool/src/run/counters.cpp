#include "counters.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

namespace weir::tool {

namespace {

using json = nlohmann::ordered_json;

double rounded(double v, double step) {
    return std::round(v / step) * step;
}

json to_object(const counters& c) {
    const auto& s = c.stats;
    return {
        {"received", s.received},
        {"delivered", s.delivered},
        {"acked", s.acked},
        {"succeeded", s.succeeded},
        {"failed", s.failed},
        {"dead_letters", c.dead_letters},
        {"redelivered", s.redelivered},
        {"acked_failed", s.acked_failed},
        {"rejected", s.rejected},
        {"dead_lettered", s.dead_lettered},
        {"held", s.held},
        {"dropped", s.dropped},
        {"expired", s.expired},
        {"unmatched", s.unmatched},
        {"copies", s.copies},
        {"duplicates", s.duplicates},
        {"qos0_dropped", s.qos0_dropped},
        {"stale_acks", s.stale_acks},
        {"connects", s.connects},
        {"reconnects", s.reconnects},
        {"connected", s.connected},
        {"window_used", s.window_used},
        {"acks_held", s.acks_held},
        {"unacknowledged", s.unacknowledged},
        {"deferred", s.deferred},
        {"in_flight", c.in_flight},
        {"messages_per_second", rounded(messages_per_second(c), 0.1)},
        {"elapsed_seconds", rounded(c.elapsed.count(), 0.001)},
        {"latency",
         {{"p50_us", s.latency.p50_us},
          {"p90_us", s.latency.p90_us},
          {"p99_us", s.latency.p99_us},
          {"max_us", s.latency.max_us}}},
    };
}

std::string milliseconds(std::uint64_t us) {
    return fmt::format("{:.1f} ms", static_cast<double>(us) / 1'000);
}

/// Where the rest of the received went, so that the numbers add up; mostly nothing.
std::string rest(const counters& c) {
    const auto& s = c.stats;
    const std::pair<const char*, std::uint64_t> counts[] = {
        {"copies", s.copies},
        {"dropped", s.dropped},
        {"expired", s.expired},
        {"unmatched", s.unmatched},
        {"QoS 0 dropped", s.qos0_dropped},
        {"dead letters", c.dead_letters}};
    std::string text;
    for (const auto& [name, count] : counts)
        if (count != 0) text += fmt::format(", {} {}", name, count);
    return text;
}

} // namespace

double messages_per_second(const counters& c) {
    return c.busy.count() > 0 ? static_cast<double>(c.stats.succeeded) / c.busy.count() : 0;
}

std::string to_json(const counters& c) {
    auto object = to_object(c);
    object["state"] = std::string(to_string(c.state));
    return object.dump();
}

std::string to_json(const counters& c, const ending& e) {
    auto object = to_object(c);
    object["drained"] = e.drained;
    object["reason"] = e.reason.empty() ? json() : json(e.reason);
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_line(const counters& c, double rate) {
    const auto& s = c.stats;
    return fmt::format(
        "{:7.1f} s  {}  connected {}  received {}  stored {} ({:.0f}/s)  acked {}  in flight {}  failed {}  "
        "redelivered {}  p99 {}",
        c.elapsed.count(), to_string(c.state), s.connected, s.received, s.succeeded, rate, s.acked,
        c.in_flight, s.failed, s.redelivered, milliseconds(s.latency.p99_us));
}

std::string to_summary(const counters& c, const ending& e) {
    const auto& s = c.stats;
    return fmt::format(
        "{}: received {}, stored {}, acked {}, left unacknowledged {}, failed {}, redelivered {}, duplicates "
        "{}{}; {:.0f} "
        "messages/s, "
        "latency p50 {}, p99 {}{}{}",
        e.drained ? "drained" : "not drained", s.received, s.succeeded, s.acked, s.unacknowledged, s.failed,
        s.redelivered, s.duplicates, rest(c), messages_per_second(c), milliseconds(s.latency.p50_us),
        milliseconds(s.latency.p99_us), e.reason.empty() ? "" : "; ", e.reason);
}

} // namespace weir::tool
