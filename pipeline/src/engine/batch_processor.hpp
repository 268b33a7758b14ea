#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/failures.hpp"
#include "engine/settler.hpp"
#include "engine/starvation.hpp"
#include "engine/worker.hpp"

#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <string>

namespace weir::pipeline::engine {

/// Takes batches up, has them handled and settles their messages, one batch at a time.
class batch_processor final : public worker {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        batcher_stage& batcher;
        starvation& starving;
    };

    batch_processor(
        std::string name, std::string thread_name, std::size_t lane, control& shared, const parts& p);

  private:
    void run() noexcept override;
    bool try_work() noexcept override;
    void take_up(finished_batch batch) noexcept;
    void work(finished_batch& batch);
    void settle(message_run& messages);
    void abandon(std::string_view reason);

    parts parts_;
    std::size_t lane_;
    batcher_stage::waiter place_;
    failures failed_;
    settler settler_;
};

} // namespace weir::pipeline::engine
