#pragma once

#include "engine/rejects.hpp"
#include "engine/work_queue.hpp"
#include "stage/lane_scheduler.hpp"

#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>
#include <weir/pipeline/options/ordering.hpp>
#include <weir/pipeline/partition.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace weir::pipeline::engine {

/// Chunks in lanes: those of one lane are handled one after another, in the order in which they came. With
/// `partitioned` each processor has a lane of its own; with `keyed` there are many more, and any processor
/// may take the next chunk of any lane that nobody works on. Messages that cannot be placed are rejected.
class lane_queue final : public work_queue {
  public:
    struct parts {
        stage_ops& stages;
        std::vector<std::unique_ptr<source>>& sources;
        rejects& unplaced;
    };

    lane_queue(const ordering_options& o, std::size_t workers, std::size_t max_chunk, const parts& p);

    /// Divides the chunk among lanes; joins messages to what waits at the end of theirs. Another attempt of a
    /// message that has a lane, which is held for it, goes to the front, and releases the lane.
    void push(std::unique_ptr<raw_run> chunk) noexcept override;

    void pushed() noexcept override {} // whoever has something to do is awake already

    [[nodiscard]] std::unique_ptr<raw_run> pop(seat& me) override;
    [[nodiscard]] std::unique_ptr<raw_run> try_pop(seat& me) override;
    [[nodiscard]] bool enlist(seat& me) override;
    void delist(seat& me) noexcept override;
    void done(std::size_t lane) noexcept override;
    void hold(std::size_t lane) noexcept override;
    void release(std::size_t lane) noexcept override;
    [[nodiscard]] std::unique_ptr<raw_run> take_out() override;
    void dismiss(seat& who) noexcept override;
    [[nodiscard]] bool resize(std::size_t workers) override;
    [[nodiscard]] std::size_t chunk_length(std::size_t count) const noexcept override;
    void close() noexcept override;

    /// In messages.
    [[nodiscard]] std::size_t size() const noexcept override;

    [[nodiscard]] std::size_t max_chunk() const noexcept override { return max_chunk_; }

  private:
    /// Where the processors of a group wait.
    struct bench {
        std::vector<seat*> idle;
        std::size_t signalled{0};    // on their way back, no longer among the idle
        std::vector<mailbox*> bells; // of those that sleep elsewhere and are to be rung once
    };

    [[nodiscard]] std::size_t group_of(const seat& s) const noexcept { return bound_ ? s.index : 0; }

    [[nodiscard]] bench& bench_of(std::size_t group);
    [[nodiscard]] std::vector<partition_value> partition(const raw_run& chunk);
    void place_all(raw_run& chunk, std::span<const partition_value> values);
    void place(raw_run& from, std::size_t index, std::size_t lane);
    void place_again(std::unique_ptr<raw_run> chunk, partition_value value);
    [[nodiscard]] std::unique_ptr<raw_run> take(std::size_t group);
    void finish(seat& me);
    void wake(std::size_t group);
    void signal(bench& b, seat& s);

    bool bound_; // a lane to its processor
    std::size_t max_chunk_;
    parts parts_;
    mutable std::mutex mutex_; // guards all below
    lane_scheduler<std::unique_ptr<raw_run>> lanes_;
    std::deque<bench> benches_; // by group; more than there are, for those who come or go
    std::size_t messages_{0};
    bool closed_{false};
};

} // namespace weir::pipeline::engine
