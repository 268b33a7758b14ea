#pragma once

#include "producer_context.hpp"

#include <weir/connector/receipts.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::connector {

/// Keeps a store's receipts in step with the broker's session, on a thread of its own since stores block.
/// What gathers while one call runs is one call, and one transaction, afterwards. Holds at most one release
/// for each packet id, which is what the session lets through.
class receipt_keeper {
  public:
    /// Tells that the release of a request is durable. Called on the keeper's thread.
    using on_released = std::function<void(std::uint64_t request)>;

    receipt_keeper(const producer_context& context, std::shared_ptr<receipts> store, on_released released);
    receipt_keeper(const receipt_keeper&) = delete;
    receipt_keeper& operator=(const receipt_keeper&) = delete;
    ~receipt_keeper();

    void release(std::uint64_t request, std::uint16_t packet_id);

    /// Voids all receipts, and with them the releases that still wait. Calls `done` on the keeper's thread.
    void reset(std::function<void()> done);

    /// Waits until nothing is left to do, until `deadline` at most.
    void settle(time_point deadline);

    /// Nothing is called any more when this returns; what is left is done on the next start, when the broker
    /// asks for it again.
    void stop();

  private:
    struct work {
        std::function<void()> reset_done{}; ///< none: no reset
        std::vector<std::uint64_t> requests{};
        std::vector<std::uint16_t> packet_ids{};

        [[nodiscard]] bool empty() const noexcept { return !reset_done && requests.empty(); }
    };

    void run();
    [[nodiscard]] bool next(work& w);
    [[nodiscard]] bool done_with(const work& w);
    void tell(const work& w) const;
    [[nodiscard]] bool attempt(const std::function<void()>& call);
    [[nodiscard]] bool pause();

    const producer_context& context_;
    const std::shared_ptr<receipts> store_;
    const on_released released_;

    std::mutex mutex_;
    std::condition_variable changed_;
    work waiting_;
    bool busy_{false};
    bool stopping_{false};

    std::chrono::milliseconds delay_{}; ///< thread only: before the next attempt
    std::thread thread_;
};

} // namespace weir::connector
