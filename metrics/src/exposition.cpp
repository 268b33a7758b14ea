#include "families.hpp"

#include <weir/metrics/exposition.hpp>

#include <prometheus/text_serializer.h>

namespace weir::metrics {

std::string exposition(std::span<const connector::stats_reader> pipelines) {
    return prometheus::TextSerializer{}.Serialize(families(pipelines));
}

} // namespace weir::metrics
