#include "engine/stage_meters.hpp"

#include <utility>

namespace weir::pipeline::engine {
namespace {

distribution summary(const histogram& h) {
    return {
        .count = h.count(),
        .p50 = h.percentile(50),
        .p90 = h.percentile(90),
        .p99 = h.percentile(99),
        .max = h.max()};
}

} // namespace

void stage_meters::settled(std::size_t lane, const tally& t) noexcept {
    if (t.successful > 0) ended_.add(lane, entry::successful, t.successful);
    if (t.failed > 0) ended_.add(lane, entry::failed, t.failed);
    if (t.abandoned > 0) ended_.add(lane, entry::abandoned, t.abandoned);
}

void stage_meters::settled_at(time_point now, time_point accepted) noexcept {
    if (accepted == time_point{}) return; // its source did not say
    settle_delay_.record(count_of<std::chrono::microseconds>(now - accepted));
}

stage_stats stage_meters::look(std::string name) const {
    return {
        .name = std::move(name),
        .successful = ended_.sum(entry::successful),
        .failed = ended_.sum(entry::failed),
        .abandoned = ended_.sum(entry::abandoned),
        .batches = batch_size_.count(),
        .batch_size = summary(batch_size_),
        .handle_time = summary(handle_time_),
        .settle_delay = summary(settle_delay_)};
}

} // namespace weir::pipeline::engine
