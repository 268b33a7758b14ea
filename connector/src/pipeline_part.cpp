#include "pipeline_part.hpp"

#include <tuple>
#include <utility>

namespace weir::connector {

namespace {

using theirs = pipeline::options;

/// Every option of the pipeline, there and here: the one list of them in the connector.
constexpr std::tuple both{
    std::pair{&theirs::name, &options::name},
    std::pair{&theirs::processors, &options::processors},
    std::pair{&theirs::batchers, &options::batchers},
    std::pair{&theirs::retry, &options::retry},
    std::pair{&theirs::dead_letter, &options::dead_letter},
    std::pair{&theirs::shutdown, &options::shutdown},
    std::pair{&theirs::buffer_size, &options::buffer_size},
    std::pair{&theirs::overflow, &options::overflow},
    std::pair{&theirs::rate_limiting, &options::rate_limiting},
    std::pair{&theirs::circuit_breaker, &options::circuit_breaker},
};

} // namespace

pipeline::options pipeline_part(const options& o) {
    pipeline::options part;
    std::apply([&](const auto&... pair) { ((part.*pair.first = o.*pair.second), ...); }, both);
    return part;
}

void set_pipeline_part(options& o, const pipeline::options& part) {
    std::apply([&](const auto&... pair) { ((o.*pair.second = part.*pair.first), ...); }, both);
}

} // namespace weir::connector
