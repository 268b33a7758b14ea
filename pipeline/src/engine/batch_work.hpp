#pragma once

#include "engine/batch_retries.hpp"
#include "engine/batcher_stage.hpp"
#include "engine/failures.hpp"
#include "engine/in_hand.hpp"
#include "engine/ledger.hpp"
#include "engine/settler.hpp"
#include "engine/span.hpp"
#include "engine/stage_meters.hpp"

#include <weir/base/task.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::pipeline::engine {

/// One batch at a time in the hands of a batch processor: handled, then settled, or put away for another
/// attempt. `begin`; then `handle`, or the handling elsewhere and `finish`, or `abandon`; then `end`. Its
/// memory is used again for the next batch.
class batch_work {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        batcher_stage& batcher;
        batch_retries& again;
        retry_store& retries;
        outcome dead_letter_as;
        const time_source& time;
        stage_meters& meters;
    };

    batch_work(const parts& p, control& shared, std::size_t lane);

    void begin(finished_batch batch);

    /// Runs all callbacks on the batch and settles its messages.
    void handle(callbacks& calls) noexcept;

    /// The same as far as `finish`, for a handler whose `handle_batch` is a coroutine.
    [[nodiscard]] task<void> handling(callbacks& calls);

    /// When all its messages have been handled: settles them.
    void finish(callbacks& calls) noexcept;

    /// For a callback that runs: settles those of these messages that are in hand, at once.
    void settle_now(head_list heads);

    /// Settles all of it as abandoned, unless somebody else has done so.
    void abandon(std::string_view reason);

    /// True: its callbacks took longer than they may.
    bool end();

    /// What others settle when the stop deadline passes.
    [[nodiscard]] in_hand& hand() noexcept { return hand_; }

    [[nodiscard]] const in_hand& hand() const noexcept { return hand_; }

  private:
    template <class Function>
    void contain(Function run) noexcept;
    void handle_batch(callbacks& calls);
    [[nodiscard]] bool ask_for_retry();
    void split(callbacks& calls, std::size_t first, std::size_t count);
    void limit_time() noexcept;
    void handle_part(callbacks& calls, std::size_t first, std::size_t count);
    [[nodiscard]] task<void> await_split(callbacks& calls, std::size_t first, std::size_t count);
    [[nodiscard]] task<void> await_part(callbacks& calls, std::size_t first, std::size_t count);
    void start_over(std::size_t first, std::size_t count);
    void put_away();
    void settle();
    void open_span();
    void close_span();
    [[nodiscard]] std::size_t sort_views();
    void close_span_badly(const span_failure& why);

    parts parts_;
    control& shared_;
    std::size_t lane_;
    in_hand hand_;
    finished_batch batch_;
    time_point begun_{};
    failures failed_;
    settler settler_;
    span span_;
    std::vector<message_view> views_; // for telemetry
    std::optional<duration> pause_;   // before another attempt at the whole, for which a place is taken
};

} // namespace weir::pipeline::engine
