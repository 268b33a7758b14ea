#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/ledger.hpp"

#include <weir/pipeline/engine/source.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::pipeline::engine {

/// Sees when a source's window is used up by messages that wait in open batches, and lets the oldest of these
/// batches leave: nothing else could make room. Thread-safe.
class starvation {
  public:
    starvation(
        ledger& accounts, std::vector<std::unique_ptr<source>>& sources,
        std::vector<std::unique_ptr<batcher_stage>>& batchers) noexcept
        : accounts_(accounts)
        , sources_(sources)
        , batchers_(batchers) {}

    /// After messages of that source joined batches, or after messages were settled.
    void check(std::size_t source) {
        if (starved(source)) relieve(source);
    }

    void check_all() {
        for (std::size_t i = 0; i < sources_.size(); ++i)
            check(i);
    }

  private:
    [[nodiscard]] bool starved(std::size_t source) const noexcept {
        const auto window = sources_[source]->window();
        return window > 0 && accounts_.windows().starved(source, window);
    }

    void relieve(std::size_t source);

    ledger& accounts_;
    std::vector<std::unique_ptr<source>>& sources_;
    std::vector<std::unique_ptr<batcher_stage>>& batchers_;
    std::mutex relieving_; // one at a time, or one shortage would empty several batches
};

} // namespace weir::pipeline::engine
