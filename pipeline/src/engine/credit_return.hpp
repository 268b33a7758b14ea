#pragma once

#include "engine/chunk_work.hpp"

#include <weir/pipeline/engine/source.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// Gives credit back to the sources only in steps, so that a producer is not asked for single messages. Each
/// processor has one and keeps back less than a step, so demand never dries up.
class credit_return {
  public:
    credit_return(std::vector<std::unique_ptr<source>>& sources, std::size_t step)
        : sources_(sources)
        , step_(step)
        , owed_(sources.size(), 0) {}

    void add(const chunk_work::leaving& left) noexcept {
        auto& owed = owed_[left.source];
        owed += left.credit;
        if (owed >= step_) give(left.source);
    }

    /// For one that leaves: demand would be smaller for good by what it keeps.
    void give_all() noexcept {
        for (std::size_t s = 0; s < owed_.size(); ++s)
            if (owed_[s] > 0) give(s);
    }

  private:
    void give(std::size_t source) noexcept { sources_[source]->give_credit(std::exchange(owed_[source], 0)); }

    std::vector<std::unique_ptr<source>>& sources_;
    std::size_t step_;
    std::vector<std::size_t> owed_; // by source
};

} // namespace weir::pipeline::engine
