#pragma once

#include "engine/chunk_work.hpp"
#include "engine/credit_return.hpp"
#include "engine/work_queue.hpp"
#include "engine/worker.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Takes chunks up, one at a time, and has them handled.
class processor final : public worker {
  public:
    struct parts {
        work_queue& queue;
        chunk_work::parts work;
        std::size_t credit_step; // credit goes back in steps of this many
    };

    /// `index`: its number among the processors; `lane`: of the accounts.
    processor(
        std::string name, std::string thread_name, std::size_t index, std::size_t lane, control& shared,
        const parts& p);

    void dismiss() noexcept override { parts_.queue.dismiss(seat_); }

    void leave() noexcept override;

    [[nodiscard]] bool revoke(std::vector<obligation>& into) override { return work_.hand().revoke(into); }

    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into) override {
        return work_.hand().expire(began_by, into);
    }

    [[nodiscard]] std::optional<time_point> began() const override { return work_.hand().began(); }

    [[nodiscard]] bool hangs() const override { return work_.hand().has_expired(); }

    void settle_now(head_list heads) override { work_.settle_now(heads); }

    void rename(const ack_ref& which, std::uint64_t token) override { work_.hand().rename(which, token); }

  private:
    void run() noexcept override;
    bool try_work() noexcept override;
    [[nodiscard]] std::unique_ptr<raw_run> next();
    void take_up(std::unique_ptr<raw_run> chunk) noexcept;

    parts parts_;
    seat seat_;
    chunk_work work_;
    credit_return credit_;
};

} // namespace weir::pipeline::engine
