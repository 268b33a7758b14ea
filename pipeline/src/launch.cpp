#include "fault_list.hpp"
#include "options/in_flight.hpp"
#include "topology.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/pipeline/engine/launch.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace weir::pipeline::engine {

void require_valid(
    const options& o, const handler_abilities& handler, std::size_t producers,
    const std::string& as_changed_by) {
    auto faults = check(o, handler);
    if (producers == 0) faults.push_back({"producer.concurrency", "0", "at least one producer"});
    if (faults.empty()) return;
    throw std::invalid_argument{
        "pipeline \"" + o.name + "\" has invalid options" + as_changed_by + ":\n  " +
        describe(faults, "\n  ")};
}

void require_valid(const start_plan& plan, std::size_t producers, std::size_t changed_by) {
    const auto who = "producer " + std::to_string(changed_by);
    require_valid(plan.options, plan.abilities, producers, " as " + who + " has changed them");
    for (const auto& c : plan.components)
        if (c == nullptr)
            throw std::invalid_argument{
                "pipeline \"" + plan.options.name + "\": " + who + " has added a component that is null"};
}

buffer_rules rules_of(const options& o) {
    const auto e = effective(o).overflow;
    return {e.policy, o.buffer_size + e.reserve, e.reserve, e.high_watermark, e.low_watermark};
}

running_pipeline launch(blueprint b, const execution& how) {
    if (b.bus == nullptr) b.bus = std::make_shared<telemetry>();
    auto o = effective(std::move(b.options));
    set_in_flight(o, b.stages->abilities());
    auto t = std::make_unique<topology>(
        std::move(o),
        topology::parts{
            std::move(b.stages), std::move(b.sources), std::move(b.bus), std::move(b.components), how});
    t->start();
    return running_pipeline{std::move(t)};
}

bool step(running_pipeline& p) {
    return p.topology_->step();
}

std::optional<time_point> due(const running_pipeline& p) {
    return p.topology_->due();
}

} // namespace weir::pipeline::engine
