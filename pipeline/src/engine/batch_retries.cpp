#include "engine/batch_retries.hpp"

#include <limits>
#include <utility>

namespace weir::pipeline::engine {
namespace {

/// As many attempts as nobody may have: the one that follows is the last.
constexpr auto exhausted = std::numeric_limits<std::uint32_t>::max();

retry_options pauses(const batch_retry_options& o) {
    return {o.max_attempts, o.delay, o.max_delay, o.factor, o.jitter, o.total_limit};
}

} // namespace

batch_retries::batch_retries(
    const batch_retry_options& o, control& shared, batcher_stage& batcher, const time_source& time,
    std::uint64_t seed)
    : waiting_room(retry_schedule{pauses(o)}, o.max_waiting, shared, time, seed)
    , batcher_(batcher)
    , splits_(o.split) {}

batch_retries::place batch_retries::ask(finished_batch& failed) {
    if (!enabled()) return {};
    const auto now = this->now();
    if (failed.failures == 0) failed.first_failed = now;
    return waiting_room::ask(failed.failures + std::size_t{1}, failed.first_failed, now);
}

void batch_retries::send(finished_batch batch, bool last) {
    batch.failures = last ? exhausted : batch.failures + 1;
    free_place();
    batcher_.put_back(std::move(batch));
}

void batch_retries::owed_for(const finished_batch& batch, std::vector<obligation>& into) const {
    batch.messages->obligations(into);
}

} // namespace weir::pipeline::engine
