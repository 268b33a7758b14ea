#include "mqtt_source.hpp"

#include <weir/connector/stats.hpp>

#include <utility>

namespace weir::connector {

stats_reader::stats_reader(std::string pipeline, std::weak_ptr<const mqtt_source> source)
    : pipeline_(std::move(pipeline))
    , source_(std::move(source)) {}

std::vector<connection_stats> stats_reader::read() const {
    const auto source = source_.lock();
    return source ? source->each() : std::vector<connection_stats>{};
}

} // namespace weir::connector
