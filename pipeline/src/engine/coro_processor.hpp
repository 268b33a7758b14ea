#pragma once

#include "engine/chunk_work.hpp"
#include "engine/coro_worker.hpp"
#include "engine/credit_return.hpp"
#include "engine/processor.hpp"
#include "engine/slot_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Takes chunks up while it has room, and has each of their messages handled by a coroutine of its own: it is
/// settled or goes on when that has ended, whatever became of the others of its chunk.
class coro_processor final : public coro_worker {
  public:
    /// `in_flight`: messages under way at once.
    coro_processor(
        std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
        const processor::parts& p, std::size_t in_flight);

    void dismiss() noexcept override;
    void leave() noexcept override;

    [[nodiscard]] bool revoke(std::vector<obligation>& into) override;
    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into) override;
    [[nodiscard]] std::optional<time_point> began() const override;
    [[nodiscard]] bool hangs() const override;

    void settle_now(head_list heads) override;
    void rename(const ack_ref& which, std::uint64_t token) override;

  private:
    using slot = slot_pool<chunk_work>::slot;

    bool take() noexcept override;
    void finish(coro_slot& ended, bool broken) noexcept override;
    void drop_overdue() noexcept override;
    void drop_all() noexcept override;
    bool enlist(std::optional<time_point>& until) override;
    void delist() noexcept override;

    [[nodiscard]] bool dismissed() const noexcept override { return seat_.leaving.load(); }

    [[nodiscard]] bool busy() const noexcept override { return coro_worker::busy() || !waiting_.empty(); }

    void take_up(std::unique_ptr<raw_run> chunk) noexcept;
    void scatter();
    void begin_next() noexcept;
    void through(const chunk_work::leaving& left) noexcept;
    void end(slot& s) noexcept;

    processor::parts parts_;
    seat seat_;
    chunk_work intake_; // a chunk until its messages have got slots of their own
    credit_return credit_;
    slot_pool<chunk_work> slots_;
    std::deque<slot*> waiting_; // at most a chunk: for room
    std::vector<chunk_work*> scattered_;
};

} // namespace weir::pipeline::engine
