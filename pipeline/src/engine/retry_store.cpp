#include "engine/retry_store.hpp"

#include <limits>
#include <utility>

namespace weir::pipeline::engine {
namespace {

/// As many retries as nobody may have: the attempt that follows is the last one.
constexpr auto exhausted = std::numeric_limits<std::uint16_t>::max();

} // namespace

retry_store::place retry_store::ask(message_head& failed) {
    if (!enabled()) return {};
    const auto now = this->now();
    if (failed.accepted_at == time_point{}) failed.accepted_at = now; // the source does not say
    return waiting_room::ask(failed.retries + std::size_t{1}, failed.accepted_at, now);
}

void retry_store::send(std::unique_ptr<raw_run> message, bool last) {
    if (last) message->set_retries(exhausted);
    queue_.push(std::move(message));
    queue_.pushed();
}

void retry_store::owed_for(const std::unique_ptr<raw_run>& message, std::vector<obligation>& into) const {
    message->obligations(into);
}

} // namespace weir::pipeline::engine
