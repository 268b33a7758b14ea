#include "stage_names.hpp"

#include <algorithm>

namespace weir::pipeline {

std::string producer_name(const options& o, std::size_t index) {
    return o.name + ".Producer_" + std::to_string(index);
}

std::string processors_name(const options& o) {
    return o.name + ".Processor_" + o.processors.name;
}

std::string processor_name(const options& o, std::size_t index) {
    return processors_name(o) + "_" + std::to_string(index);
}

std::string retry_name(const options& o) {
    return o.name + ".Retry";
}

std::string batcher_name(const options& o, std::string_view batcher) {
    return o.name + ".Batcher_" + std::string{batcher};
}

std::string batch_processors_name(const options& o, std::string_view batcher) {
    return o.name + ".BatchProcessor_" + std::string{batcher};
}

std::string batch_processor_name(const options& o, std::string_view batcher, std::size_t index) {
    return batch_processors_name(o, batcher) + "_" + std::to_string(index);
}

std::string short_name(std::string_view pipeline, std::string_view role, std::size_t index) {
    constexpr std::size_t system_limit = 15;
    constexpr std::size_t role_limit = 6;
    const auto tail = "." + std::string{role.substr(0, role_limit)} + "_" + std::to_string(index);
    const auto room = system_limit - std::min(system_limit, tail.size());
    return std::string{pipeline.substr(0, room)} + tail;
}

} // namespace weir::pipeline
