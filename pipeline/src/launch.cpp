#include "topology.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/pipeline/engine/launch.hpp>

#include <stdexcept>
#include <string>

namespace weir::pipeline::engine {

void require_valid(const options& o, bool has_handle_batch, std::size_t producers) {
    auto faults = check(o, has_handle_batch);
    if (producers == 0) faults.push_back({"producer.concurrency", "0", "at least one producer"});
    if (faults.empty()) return;
    std::string text = "pipeline \"" + o.name + "\" has invalid options:";
    for (const auto& f : faults)
        text += "\n  " + f.path + " is " + f.value + ", must be " + f.allowed;
    throw std::invalid_argument{text};
}

running_pipeline launch(
    options o, std::unique_ptr<stage_ops> stages, std::vector<std::unique_ptr<source>> sources,
    std::shared_ptr<telemetry> bus) {
    if (bus == nullptr) bus = std::make_shared<telemetry>();
    auto t = std::make_unique<topology>(
        effective(std::move(o)),
        topology::parts{std::move(stages), std::move(sources), std::move(bus), real_time()});
    t->start();
    return running_pipeline{std::move(t)};
}

} // namespace weir::pipeline::engine
