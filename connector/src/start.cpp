#include "mqtt_source.hpp"
#include "pipeline_part.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/memory.hpp>
#include <weir/connector/start.hpp>

#include <stdexcept>
#include <system_error>

namespace weir::connector {

prepared prepare(options o, const pipeline::handler_abilities& handler) {
    if (const auto faults = check(o, handler); !faults.empty()) throw std::invalid_argument(describe(faults));
    o = effective(std::move(o));
    if (!o.telemetry) o.telemetry = std::make_shared<weir::telemetry>();
    for (const auto& line : warnings(o))
        log(log_level::warning, o.name + ": " + line);
    for (const auto& line : guarantees(o))
        log(log_level::info, o.name + ": " + line);
    log(log_level::info, o.name + ": " + memory_line(o));
    auto source = std::make_shared<mqtt_source>(o);
    auto producers = source->producers();
    auto inner = pipeline_part(o);
    inner.shutdown = *o.producer.drain_timeout; // the rest of `shutdown` is for closing the connections
    return {
        .source = std::move(source),
        .producers = std::move(producers),
        .pipeline = std::move(inner),
        .bus = o.telemetry,
        .ready_within =
            o.producer.startup == startup::wait ? std::optional(o.producer.startup_timeout) : std::nullopt};
}

void await_startup(running& r, std::chrono::milliseconds limit) {
    const auto ready = r.wait_until_ready(limit);
    if (ready) return;
    r.stop(std::chrono::milliseconds{0});
    throw std::system_error(ready.error().code, r.name() + ": " + ready.error().detail);
}

} // namespace weir::connector
