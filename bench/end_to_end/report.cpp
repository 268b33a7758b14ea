#include "report.hpp"

#include "machine.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace weir::bench {

namespace {

double median_of(const std::vector<sample>& samples, double sample::*figure) {
    std::vector<double> values;
    for (const auto& s : samples)
        values.push_back(s.*figure);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::optional<double> rate_of(const std::vector<series>& all, const scenario& s, std::string_view consumer) {
    for (const auto& one : all)
        if (one.what == s && one.consumer == consumer && one.failure.empty())
            return median(one.samples).messages_per_second;
    return std::nullopt;
}

std::string ratio(double rate, std::optional<double> to) {
    return to ? fmt::format("{:.2f}", rate / *to) : "-";
}

std::string grouped(double value) {
    auto text = fmt::format("{:.0f}", value);
    for (auto at = std::ssize(text) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}

constexpr auto row_format = "  {:<24}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>14}\n";

std::string header() {
    return fmt::format(
        fmt::runtime(row_format), "consumer", "messages/s", "CPU ns/msg", "ack p50 us", "ack p99 us",
        "x mosquitto", "x bare", "broker ns/msg");
}

std::string row(const std::vector<series>& all, const series& one) {
    if (!one.failure.empty()) return fmt::format("  {:<24}no result: {}\n", one.consumer, one.failure);
    const auto m = median(one.samples);
    const auto rate = m.messages_per_second;
    const bool acks = one.what.qos > 0;
    return fmt::format(
        fmt::runtime(row_format), one.consumer, grouped(rate), grouped(m.cpu_ns),
        acks ? grouped(m.ack_p50_us) : "-", acks ? grouped(m.ack_p99_us) : "-",
        ratio(rate, rate_of(all, one.what, "libmosquitto")),
        ratio(rate, rate_of(all, one.what, "bare-reader")), grouped(m.broker_cpu_ns));
}

nlohmann::json figures(const sample& s) {
    return {
        {"messages_per_second", s.messages_per_second},
        {"cpu_ns_per_message", s.cpu_ns},
        {"broker_cpu_ns_per_message", s.broker_cpu_ns},
        {"ack_p50_us", s.ack_p50_us},
        {"ack_p99_us", s.ack_p99_us},
        {"messages", s.messages}};
}

nlohmann::json to_json(const series& one) {
    nlohmann::json runs = nlohmann::json::array();
    for (const auto& s : one.samples)
        runs.push_back(figures(s));
    nlohmann::json j = {{"consumer", one.consumer},           {"qos", one.what.qos},
                        {"payload_bytes", one.what.payload},  {"max_inflight", one.what.window},
                        {"protocol_level", one.what.version}, {"runs", runs}};
    if (one.failure.empty())
        j["median"] = figures(median(one.samples));
    else
        j["failure"] = one.failure;
    return j;
}

} // namespace

sample median(const std::vector<sample>& samples) {
    sample m;
    for (const auto figure :
         {&sample::messages_per_second, &sample::cpu_ns, &sample::broker_cpu_ns, &sample::ack_p50_us,
          &sample::ack_p99_us})
        m.*figure = median_of(samples, figure);
    for (const auto& s : samples)
        m.messages += s.messages;
    return m;
}

std::string to_table(const std::vector<series>& all) {
    std::string text;
    const scenario* last = nullptr;
    for (const auto& one : all) {
        if (last == nullptr || !(*last == one.what))
            text += fmt::format("\n{}\n{}", to_string(one.what), header());
        last = &one.what;
        text += row(all, one);
    }
    return text;
}

nlohmann::json to_json(const std::vector<series>& all, const timing& t) {
    nlohmann::json results = nlohmann::json::array();
    for (const auto& one : all)
        results.push_back(to_json(one));
    return {
        {"machine", describe_machine()},
        {"warm_up_ms", t.warm_up.count()},
        {"measured_ms", t.measured.count()},
        {"results", results}};
}

} // namespace weir::bench
