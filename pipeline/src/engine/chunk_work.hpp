#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/failures.hpp"
#include "engine/in_hand.hpp"
#include "engine/ledger.hpp"
#include "engine/message_spans.hpp"
#include "engine/retry_store.hpp"
#include "engine/settler.hpp"
#include "engine/stage_meters.hpp"
#include "engine/starvation.hpp"
#include "stage/router.hpp"
#include "stage/slice_length.hpp"

#include <weir/base/task.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir::pipeline::engine {

/// One chunk at a time on its way through a processor: decoded, handled, sorted by outcome. Failed messages,
/// and all of them where there are no batchers, are settled; the others go to their batcher. `begin`; then
/// `handle`, or `prepare`, the handling elsewhere and `finish`, or `abandon`; then `end`. Its memory is used
/// again for the next chunk.
class chunk_work {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        std::vector<std::unique_ptr<source>>& sources;
        std::vector<std::unique_ptr<batcher_stage>>& batchers;
        const router& routes;
        starvation& starving;
        retry_store& retries;
        const time_source& time;
        std::size_t max_chunk;
        bool limited; ///< the time for its callbacks is
        outcome dead_letter_as;
        std::string_view group; // the processors' key
        stage_meters& meters;
    };

    chunk_work(const parts& p, control& shared, std::size_t lane);

    void begin(std::unique_ptr<raw_run> chunk);

    /// Runs all callbacks on the chunk and brings its messages to where they belong.
    void handle(callbacks& calls) noexcept;

    /// Decodes it; whether its messages are to be handled.
    [[nodiscard]] bool prepare(callbacks& calls) noexcept;

    /// What `prepare` has decoded.
    [[nodiscard]] message_run& messages() noexcept { return *messages_; }

    /// Instead of the handling: each message becomes a work of its own in one of `to`, to be handled,
    /// finished and ended there. What is left here is to be ended at once. False: somebody else has settled
    /// the chunk.
    [[nodiscard]] bool scatter(std::span<chunk_work* const> to) noexcept;

    /// The coroutine that handles the one message of such a work: made, not yet begun. Its time counts from
    /// now on.
    [[nodiscard]] task<void> handling(callbacks& calls);

    /// It has returned.
    void handled() noexcept;

    /// When all its messages have been handled: brings them to where they belong.
    void finish(callbacks& calls) noexcept;

    /// For a callback that runs: settles those of these messages that are in hand, at once.
    void settle_now(head_list heads);

    /// Settles all of it as abandoned, unless somebody else has done so.
    void abandon(std::string_view reason);

    struct leaving {
        std::size_t source{0};
        std::size_t credit{0}; ///< to give back to the source
        std::size_t lane{raw_run::no_lane};
        bool too_late{false}; ///< its callbacks took longer than they may
    };

    [[nodiscard]] leaving end();

    /// What others settle when the stop deadline passes.
    [[nodiscard]] in_hand& hand() noexcept { return hand_; }

    [[nodiscard]] const in_hand& hand() const noexcept { return hand_; }

  private:
    /// Messages that have been handled together, by their places.
    struct slice {
        std::size_t first{0};
        std::size_t count{0};
    };

    template <class Function>
    void contain(Function run) noexcept;

    /// What goes to one batcher; `bytes` and `partitions` only where it asks for them.
    struct routed {
        std::vector<std::uint32_t> which;
        std::vector<std::size_t> bytes;
        std::vector<std::uint32_t> partitions;
    };

    void handle_in_slices(callbacks& calls);
    void handle(callbacks& calls, slice s);
    void decide(slice s, callbacks& calls);
    [[nodiscard]] bool conclude(slice s, callbacks& calls);
    void limit_time() noexcept;
    [[nodiscard]] const std::vector<obligation>& owed_after(slice s);
    void adopt(const chunk_work& from) noexcept;
    void route(slice s);
    void describe_routed(callbacks& calls);
    void describe(const batcher_options& asked, routed& r, callbacks& calls);
    void drop_failed(routed& r);
    void settle_and_forward(slice s, callbacks& calls);
    void settle_failed_and_final(slice s);
    void settle_rejected(std::size_t place);
    void forward(callbacks& calls);
    void fail_unsplit(callbacks& calls);
    void forget_slice() noexcept;
    void open_span();
    void close_span(slice s);
    [[nodiscard]] std::size_t sort_views(slice s);
    void close_span_badly(const span_failure& why);
    void cut_spans_off(std::string_view why);
    void forward_to(std::size_t batcher, callbacks& calls, time_point now);
    void abandon_routed(std::span<const std::uint32_t> places);
    void clear() noexcept;

    parts parts_;
    std::size_t lane_;
    in_hand hand_;
    std::unique_ptr<raw_run> chunk_;
    std::unique_ptr<message_run> messages_;
    std::vector<rejection> rejected_;
    failures failed_;
    control& shared_;
    settler settler_;
    span span_;
    span batcher_span_;
    message_spans message_spans_;
    slice_length slices_;
    std::vector<obligation> rest_; // owed for what is still to be handled
    std::size_t concluded_{0};     // messages that are through
    std::size_t rejected_settled_{0};
    std::vector<routed> routed_;          // by batcher
    std::vector<partition_value> values_; // of the messages for one batcher
    std::vector<std::uint32_t> unsplit_;  // places of messages for which a splitter threw
    std::vector<message_view> views_;     // for telemetry
    std::size_t source_{0};
    std::size_t in_lane_{raw_run::no_lane};
    std::size_t count_{0};            // messages that end here
    bool from_source_{true};          // not from where they waited for another attempt
    unsigned handled_{0};             // slices, or messages of coroutines: one in a while is measured
    std::optional<time_point> began_; // of a coroutine that is measured
    std::size_t on_credit_{0};        // messages whose credit a batcher keeps
    std::size_t retried_{0};          // messages that wait for another attempt
};

} // namespace weir::pipeline::engine
