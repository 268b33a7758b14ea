#pragma once

#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstdint>
#include <deque>
#include <optional>

namespace weir::pipeline::engine {

/// Guarded by the batcher's lock.
template <class State>
class typed_split_states final : public split_states {
  public:
    /// A batch begins.
    State& reset(std::uint32_t slot) {
        if (slot >= states_.size()) states_.resize(slot + std::size_t{1});
        return states_[slot].emplace();
    }

    [[nodiscard]] State& operator[](std::uint32_t slot) { return *states_[slot]; }

  private:
    std::deque<std::optional<State>> states_; // as many as there were ever open batches at once
};

} // namespace weir::pipeline::engine
