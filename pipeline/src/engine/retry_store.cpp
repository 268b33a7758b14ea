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

void retry_store::keep_place(raw_run& message, std::size_t lane) noexcept {
    if (!holds_lanes_ || lane == raw_run::no_lane) return;
    message.set_lane(lane);
    queue_.hold(lane);
}

void retry_store::give_up_place(const raw_run& message) noexcept {
    if (message.lane() != raw_run::no_lane) queue_.release(message.lane());
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
