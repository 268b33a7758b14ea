#pragma once

#include "engine/waiting_room.hpp"
#include "engine/work_queue.hpp"

#include <weir/pipeline/message.hpp>
#include <weir/pipeline/options/retry.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::pipeline::engine {

/// The messages that failed and wait for another attempt, as raw events. One keeps its place until a
/// processor takes it up again: so the places bound both what waits here and what is on its way back through
/// the processors' queue. Thread-safe.
class retry_store final : public waiting_room<std::unique_ptr<raw_run>> {
  public:
    retry_store(
        const retry_options& o, control& shared, work_queue& queue, const time_source& time,
        std::uint64_t seed)
        : waiting_room(retry_schedule{o}, o.max_waiting, shared, time, seed)
        , queue_(queue)
        , holds_lanes_(o.hold_lane) {}

    /// Asks for another attempt of a message that has failed.
    [[nodiscard]] place ask(message_head& failed);

    /// Before `put`, while that lane is in the caller's hand: if the options say so, nothing of it is taken
    /// up until the message comes back.
    void keep_place(raw_run& message, std::size_t lane) noexcept;

    /// It does not come back.
    void give_up_place(const raw_run& message) noexcept;

  private:
    void send(std::unique_ptr<raw_run> message, bool last) override;
    void owed_for(const std::unique_ptr<raw_run>& message, std::vector<obligation>& into) const override;

    work_queue& queue_;
    bool holds_lanes_;
};

} // namespace weir::pipeline::engine
