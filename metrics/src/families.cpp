#include "families.hpp"

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace weir::metrics {

namespace {

using connector::connection_stats;
using connector::stats;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct measured {
    const std::string& pipeline;
    const connection_stats& of;
};

/// A metric with one value for each connection.
struct metric {
    const char* name;
    const char* help;
    MetricType type;
    double (*value)(const connection_stats&);
};

template <auto Member>
double count(const connection_stats& c) {
    return static_cast<double>(c.stats.*Member);
}

double seconds(duration d) {
    return std::chrono::duration<double>(d).count();
}

constexpr auto counter = MetricType::Counter;
constexpr auto gauge = MetricType::Gauge;

constexpr std::array metrics{
    metric{
        "weir_messages_received_total", "Messages delivered by the broker, repetitions left out", counter,
        count<&stats::received>},
    metric{
        "weir_messages_delivered_total", "Messages handed to the pipeline, local redeliveries included",
        counter, count<&stats::delivered>},
    metric{
        "weir_messages_succeeded_total", "Messages settled as successful", counter, count<&stats::succeeded>},
    metric{
        "weir_messages_failed_total", "Messages settled as failed, each attempt counted", counter,
        count<&stats::failed>},
    metric{
        "weir_messages_acknowledged_total", "Acknowledgements written: PUBACK or PUBREC", counter,
        count<&stats::acked>},
    metric{
        "weir_messages_acknowledged_failed_total", "Messages acknowledged although they failed", counter,
        count<&stats::acked_failed>},
    metric{
        "weir_messages_rejected_total", "Messages acknowledged with a reason code of failure", counter,
        count<&stats::rejected>},
    metric{
        "weir_messages_retried_total", "Messages brought again by the connector", counter,
        count<&stats::redelivered>},
    metric{
        "weir_messages_dead_lettered_total", "Messages published to the topic for dead letters", counter,
        count<&stats::dead_lettered>},
    metric{
        "weir_messages_held_total", "Messages left unacknowledged after their last attempt", counter,
        count<&stats::held>},
    metric{
        "weir_messages_duplicate_total", "Repetitions by the broker that were recognised", counter,
        count<&stats::duplicates>},
    metric{
        "weir_messages_copies_total", "Copies of other messages that were recognised and not delivered",
        counter, count<&stats::copies>},
    metric{
        "weir_acks_stale_total", "Acknowledgements dropped with the session they were for", counter,
        count<&stats::stale_acks>},
    metric{
        "weir_reconnects_total", "Connections that came up after the first", counter,
        count<&stats::reconnects>},
    metric{"weir_connected", "1 while the connection is up, else 0", gauge, count<&stats::connected>},
    metric{
        "weir_window_size", "QoS 1 and 2 messages taken before one is acknowledged", gauge,
        [](const connection_stats& c) { return static_cast<double>(c.window); }},
    metric{
        "weir_window_used", "QoS 1 and 2 messages that have a place in the window", gauge,
        count<&stats::window_used>},
    metric{
        "weir_unacknowledged", "QoS 1 and 2 messages received and not acknowledged", gauge,
        count<&stats::unacknowledged>},
    metric{
        "weir_acks_held", "Acknowledgements that wait for those before them", gauge,
        count<&stats::acks_held>},
    metric{
        "weir_messages_deferred", "Messages passed over on this connection", gauge, count<&stats::deferred>},
    metric{
        "weir_oldest_unfinished_seconds", "Age of the oldest QoS 1 or 2 message in the pipeline", gauge,
        [](const connection_stats& c) { return seconds(c.stats.oldest_unfinished); }},
    metric{"weir_qos0_waiting", "QoS 0 messages in their queue", gauge, count<&stats::qos0_waiting>},
    metric{"weir_store_records", "Records in the session store", gauge, count<&stats::store_records>},
    metric{"weir_store_bytes", "Bytes in use in the session store", gauge, count<&stats::store_bytes>},
};

/// Why messages were let go; together they are all that were.
struct drop_reason {
    const char* name;
    std::uint64_t (*value)(const stats&);
};

constexpr std::array drop_reasons{
    drop_reason{"qos0_buffer_full", [](const stats& s) { return s.qos0_overflowed; }},
    drop_reason{"draining", [](const stats& s) { return s.qos0_drained; }},
    drop_reason{"failed", [](const stats& s) { return s.qos0_dropped - s.qos0_overflowed - s.qos0_drained; }},
    drop_reason{"packet_too_large", [](const stats& s) { return s.oversized; }},
    drop_reason{"payload_format", [](const stats& s) { return s.misdeclared; }},
    drop_reason{"expired", [](const stats& s) { return s.expired; }},
    drop_reason{"unmatched", [](const stats& s) { return s.unmatched; }},
    drop_reason{"decoder", [](const stats& s) { return s.dropped; }},
};

ClientMetric labelled(const measured& m, double value, MetricType type) {
    ClientMetric out;
    out.label = {{"pipeline", m.pipeline}, {"producer", std::to_string(m.of.producer_index)}};
    (type == counter ? out.counter.value : out.gauge.value) = value;
    return out;
}

ClientMetric labelled(const measured& m, std::uint64_t value, std::string name, std::string text) {
    auto out = labelled(m, static_cast<double>(value), counter);
    out.label.push_back({std::move(name), std::move(text)});
    return out;
}

MetricFamily family_of(const metric& what, std::span<const measured> all) {
    MetricFamily family{what.name, what.help, what.type, {}};
    for (const auto& m : all)
        family.metric.push_back(labelled(m, what.value(m.of), what.type));
    return family;
}

MetricFamily dropped(std::span<const measured> all) {
    MetricFamily family{
        "weir_messages_dropped_total",
        "Messages let go unprocessed, or that failed and are gone",
        counter,
        {}};
    for (const auto& m : all)
        for (const auto& why : drop_reasons)
            family.metric.push_back(labelled(m, why.value(m.of.stats), "reason", why.name));
    return family;
}

MetricFamily dropped_by_filter(std::span<const measured> all) {
    MetricFamily family{
        "weir_qos0_dropped_total", "QoS 0 messages that ended without success, by topic filter", counter, {}};
    for (const auto& m : all)
        for (const auto& d : m.of.qos0_dropped)
            family.metric.push_back(labelled(m, d.count, "filter", d.filter));
    return family;
}

} // namespace

std::vector<MetricFamily> families(std::span<const connector::stats_reader> pipelines) {
    std::vector<std::vector<connection_stats>> read;
    std::vector<measured> all;
    read.reserve(pipelines.size()); // `all` refers to them
    for (const auto& p : pipelines)
        for (const auto& c : read.emplace_back(p.read()))
            all.push_back({p.pipeline(), c});
    std::vector<MetricFamily> list;
    for (const auto& what : metrics)
        list.push_back(family_of(what, all));
    list.push_back(dropped(all));
    list.push_back(dropped_by_filter(all));
    return list;
}

} // namespace weir::metrics
