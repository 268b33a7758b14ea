#pragma once

#include "engine/batch_processor.hpp"
#include "engine/batch_work.hpp"
#include "engine/batcher_stage.hpp"
#include "engine/coro_worker.hpp"
#include "engine/slot_pool.hpp"
#include "engine/starvation.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Takes batches up while it has room, and has each of them handled by a coroutine.
class coro_batch_processor final : public coro_worker {
  public:
    /// `in_flight`: batches under way at once.
    coro_batch_processor(
        std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
        const batch_processor::parts& p, std::size_t in_flight);

    void dismiss() noexcept override;

    [[nodiscard]] bool revoke(std::vector<obligation>& into) override { return slots_.revoke(into); }

    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into) override {
        return slots_.expire(began_by, into);
    }

    [[nodiscard]] std::optional<time_point> began() const override { return slots_.began(); }

    [[nodiscard]] bool hangs() const override { return slots_.hangs(); }

    void settle_now(head_list heads) override;
    void rename(const ack_ref& which, std::uint64_t token) override;

  private:
    using slot = slot_pool<batch_work>::slot;

    [[nodiscard]] bool holds_work() const override { return parts_.work.batcher.has_given(place_); }

    bool take() noexcept override;
    void finish(coro_slot& ended, bool broken) noexcept override;
    void drop_overdue() noexcept override;
    void drop_all() noexcept override;
    bool enlist(std::optional<time_point>& until) override;
    void delist() noexcept override;

    [[nodiscard]] bool dismissed() const noexcept override { return dismissed_.load(); }

    void take_up(finished_batch batch) noexcept;
    void end(slot& s) noexcept;

    batch_processor::parts parts_;
    slot_pool<batch_work> slots_;
    batcher_stage::waiter place_;
    std::atomic<bool> dismissed_{false};
};

} // namespace weir::pipeline::engine
