#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/failures.hpp"
#include "engine/in_hand.hpp"
#include "engine/ledger.hpp"
#include "engine/settler.hpp"
#include "engine/span.hpp"
#include "engine/stage_meters.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <string_view>

namespace weir::pipeline::engine {

/// One batch at a time in the hands of a batch processor: handled, then settled. `begin`; then `handle`, or
/// the handling elsewhere and `finish`, or `abandon`; then `end`. Its memory is used again for the next
/// batch.
class batch_work {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        batcher_stage& batcher;
        retry_store& retries;
        outcome dead_letter_as;
        const time_source& time;
        stage_meters& meters;
    };

    batch_work(const parts& p, control& shared, std::size_t lane);

    void begin(finished_batch batch);

    /// Runs all callbacks on the batch and settles its messages.
    void handle(callbacks& calls) noexcept;

    /// When `handle_batch` has returned: settles its messages.
    void finish(callbacks& calls) noexcept;

    /// For a callback that runs: settles those of these messages that are in hand, at once.
    void settle_now(head_list heads);

    /// Settles all of it as abandoned, unless somebody else has done so.
    void abandon(std::string_view reason);

    void end();

    /// What others settle when the stop deadline passes.
    [[nodiscard]] in_hand& hand() noexcept { return hand_; }

  private:
    template <class Function>
    void contain(Function run) noexcept;
    void settle();
    void open_span();
    void close_span();
    [[nodiscard]] std::size_t sort_views();
    void close_span_badly(const span_failure& why);

    parts parts_;
    std::size_t lane_;
    in_hand hand_;
    finished_batch batch_;
    time_point begun_{};
    failures failed_;
    settler settler_;
    span span_;
    std::vector<message_view> views_; // for telemetry
};

} // namespace weir::pipeline::engine
