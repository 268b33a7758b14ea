#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/failures.hpp"
#include "engine/ledger.hpp"
#include "engine/processor_queue.hpp"
#include "engine/settler.hpp"
#include "engine/starvation.hpp"
#include "engine/worker.hpp"
#include "stage/router.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace weir::pipeline::engine {

/// Takes chunks up, has them decoded and handled, and sorts the messages by outcome: failed ones, and all of
/// them where there are no batchers, are settled; the others go to their batcher.
class processor final : public worker {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        processor_queue& queue;
        std::vector<std::unique_ptr<source>>& sources;
        std::vector<std::unique_ptr<batcher_stage>>& batchers;
        const router& routes;
        starvation& starving;
        const time_source& time;
        std::size_t credit_step; // credit goes back in steps of this many
    };

    processor(std::string name, std::string thread_name, std::size_t lane, control& shared, const parts& p);

  private:
    void run() noexcept override;
    bool try_work() noexcept override;
    void take_up(std::unique_ptr<raw_run> chunk) noexcept;
    void work(raw_run& chunk);
    void route();
    void settle_and_forward(const raw_run& chunk);
    void settle_failed_and_final(const raw_run& chunk);
    void forward(std::size_t source);
    void abandon_routed(std::span<const std::uint32_t> places);
    void abandon(std::string_view reason);
    void give_credit(std::size_t source, std::size_t count) noexcept;

    parts parts_;
    std::size_t lane_;
    std::unique_ptr<message_run> messages_;
    std::vector<rejection> rejected_;
    failures failed_;
    settler settler_;
    std::vector<std::vector<std::uint32_t>> routed_; // by batcher: places of messages to forward
    std::vector<std::size_t> owed_credit_;           // by source
    std::size_t on_credit_{0};                       // of this chunk: messages whose credit a batcher keeps
};

} // namespace weir::pipeline::engine
