#pragma once

#include "patient_worker.hpp"
#include "producer_context.hpp"

#include <weir/connector/receipts.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace weir::connector {

/// Keeps a store's receipts in step with the broker's session, on a thread of its own since stores block.
/// Holds at most one release for each packet id, which is what the session lets through. Thread-safe.
class receipt_keeper {
  public:
    /// Tells that the release of a request is durable. Called on the keeper's thread.
    using on_released = std::function<void(std::uint64_t request)>;

    receipt_keeper(const producer_context& context, std::shared_ptr<receipts> store, on_released released);

    void release(std::uint64_t request, std::uint16_t packet_id);

    /// Voids all receipts, and with them the releases that still wait. Calls `done` on the keeper's thread.
    void reset(std::function<void()> done);

    /// Waits until nothing is left to do, until `deadline` at most.
    void settle(time_point deadline) { worker_.settle(deadline); }

    /// No call is begun any more, and one under way is waited for until `deadline` at most; what is left is
    /// done on the next start, when the broker asks for it again.
    void stop(time_point deadline) { worker_.stop(deadline); }

  private:
    struct work {
        std::function<void()> reset_done{}; ///< none: no reset
        std::vector<std::uint64_t> requests{};
        std::vector<std::uint16_t> packet_ids{};

        [[nodiscard]] bool empty() const noexcept { return !reset_done && requests.empty(); }
    };

    void carry_out(const work& w) const;

    const producer_context& context_;
    const std::shared_ptr<receipts> store_;
    const on_released released_;
    patient_worker<work> worker_; ///< last: it works with those above
};

} // namespace weir::connector
