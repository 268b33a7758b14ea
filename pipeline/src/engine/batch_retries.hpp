#pragma once

#include "engine/batcher_stage.hpp"
#include "engine/waiting_room.hpp"

#include <weir/pipeline/options/batch_retry.hpp>

#include <cstdint>
#include <vector>

namespace weir::pipeline::engine {

/// The batches of one batcher that failed as a whole and wait for another attempt. Thread-safe.
class batch_retries final : public waiting_room<finished_batch> {
  public:
    batch_retries(
        const batch_retry_options& o, control& shared, batcher_stage& batcher, const time_source& time,
        std::uint64_t seed);

    /// Asks for another attempt of a batch that has failed.
    [[nodiscard]] place ask(finished_batch& failed);

    /// Whether a batch without another attempt is handled in halves.
    [[nodiscard]] bool splits() const noexcept { return splits_; }

  private:
    void send(finished_batch batch, bool last) override;
    void owed_for(const finished_batch& batch, std::vector<obligation>& into) const override;

    batcher_stage& batcher_;
    bool splits_;
};

} // namespace weir::pipeline::engine
