#include "registry.hpp"
#include "topology.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/running_pipelines.hpp>

namespace weir::pipeline {
namespace {

/// What `ask` says of the pipeline of that name.
template <class Ask>
auto ask(std::string_view name, Ask what) -> result<decltype(what(std::declval<topology&>()))> {
    const auto found = found_pipeline::find(name);
    if (!found) return error{errc::not_running, "\"" + std::string{name} + "\""};
    return what(**found);
}

} // namespace

std::vector<std::string> running_pipelines() {
    return found_pipeline::names();
}

result<topology_description> describe(std::string_view pipeline) {
    return ask(pipeline, [](const topology& t) { return t.describe(); });
}

result<std::vector<std::string>> producer_names(std::string_view pipeline) {
    return ask(pipeline, [](const topology& t) { return t.producer_names(); });
}

result<snapshot> look(std::string_view pipeline) {
    return ask(pipeline, [](const topology& t) { return t.look(); });
}

result<stop_report> stop(std::string_view pipeline) {
    return ask(pipeline, [](topology& t) { return t.stop(t.configuration().shutdown); });
}

result<stop_report> stop(std::string_view pipeline, std::chrono::milliseconds limit) {
    return ask(pipeline, [limit](topology& t) { return t.stop(limit); });
}

} // namespace weir::pipeline
