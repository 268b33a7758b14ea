#pragma once

#include "engine/batch_work.hpp"
#include "engine/batcher_stage.hpp"
#include "engine/starvation.hpp"
#include "engine/worker.hpp"

#include <weir/base/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Takes batches up, one at a time, and has them handled.
class batch_processor final : public worker {
  public:
    struct parts {
        batch_work::parts work;
        starvation& starving;
    };

    /// `index`: its number among those of its batcher.
    batch_processor(
        std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
        const parts& p);

    void dismiss() noexcept override { parts_.work.batcher.dismiss(place_); }

    [[nodiscard]] bool revoke(std::vector<obligation>& into) override { return work_.hand().revoke(into); }

    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into) override {
        return work_.hand().expire(began_by, into);
    }

    [[nodiscard]] std::optional<time_point> began() const override { return work_.hand().began(); }

    [[nodiscard]] bool hangs() const override { return work_.hand().has_expired(); }

    void settle_now(head_list heads) override { work_.settle_now(heads); }

    void rename(const ack_ref& which, std::uint64_t token) override { work_.hand().rename(which, token); }

  private:
    [[nodiscard]] bool holds_work() const override { return parts_.work.batcher.has_given(place_); }

    void run() noexcept override;
    bool try_work() noexcept override;
    [[nodiscard]] std::optional<finished_batch> next();
    void take_up(finished_batch batch) noexcept;

    parts parts_;
    batch_work work_;
    batcher_stage::waiter place_;
};

} // namespace weir::pipeline::engine
