#pragma once

#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::pipeline::engine {

/// The failed messages of a chunk or batch: finds them, lets `handle_failed` see them, and knows their
/// reasons. One per worker.
class failures {
  public:
    explicit failures(stage_ops& stages)
        : stages_(stages)
        , moved_(stages.handles_failures() ? stages.make_run(1) : nullptr) {}

    /// Looks through a run whose other callbacks have returned. A failed message stays failed from here on,
    /// whatever `handle_failed` does to it.
    void collect(message_run& run, callbacks& calls);

    [[nodiscard]] bool empty() const noexcept { return indices_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return indices_.size(); }

    /// For a walk through the run in order: whether its message `i` failed, given how many failed before it.
    [[nodiscard]] bool is(std::size_t nth, std::size_t i) const noexcept {
        return nth < indices_.size() && indices_[nth] == i;
    }

    /// Why the nth failed message failed; valid until `clear`.
    [[nodiscard]] std::string_view reason(std::size_t nth) const noexcept;

    void clear() noexcept;

  private:
    stage_ops& stages_;
    std::unique_ptr<message_run> moved_; // what handle_failed sees: messages that lie side by side
    std::vector<std::uint32_t> indices_;
    std::vector<placement> steps_;
    head_list heads_;
};

} // namespace weir::pipeline::engine
