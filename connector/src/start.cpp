#include "mqtt_source.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/start.hpp>

#include <stdexcept>

namespace weir::connector {

namespace {

/// The connections are closed within what `shutdown` leaves after the drain.
pipeline::options pipeline_part(const options& o) {
    return {
        .name = o.name,
        .processors = o.processors,
        .batchers = o.batchers,
        .shutdown = *o.producer.drain_timeout,
        .buffer_size = o.buffer_size};
}

} // namespace

prepared prepare(options o, const pipeline::handler_abilities& handler) {
    if (const auto faults = check(o, handler); !faults.empty())
        throw std::invalid_argument(describe(faults));
    o = effective(std::move(o));
    if (!o.telemetry) o.telemetry = std::make_shared<weir::telemetry>();
    for (const auto& line : warnings(o))
        log(log_level::warning, o.name + ": " + line);
    auto source = std::make_shared<mqtt_source>(o);
    auto producers = source->producers();
    return {
        .source = std::move(source),
        .producers = std::move(producers),
        .pipeline = pipeline_part(o),
        .bus = o.telemetry};
}

} // namespace weir::connector
